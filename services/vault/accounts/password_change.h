// SPDX-License-Identifier: BSD-2-Clause
//
// What changes the secret of an account, and so its security stamp: every session ends at once but
// for the few calls vault-core 3.8 tolerates (section 4.3).
#pragma once

#include "services/vault/accounts/form_fields.h"
#include "services/vault/vault_context.h"

#include <optional>
#include <string>

namespace coffer::vault {

// A new password that wraps the same user key. Reads both shapes of the request.
void changePassword(const VaultContext& context, const Session& session, const json::Object& form);

// The same password derived in another way.
void changeKdf(const VaultContext& context, const Session& session, const json::Object& form);

// The first password of an account that has none yet, with its keys.
void setFirstPassword(const VaultContext& context, const Session& session,
                      const json::Object& form);

// The password that takes the place of one somebody else had set.
void replaceTemporaryPassword(const VaultContext& context, const Session& session,
                              const json::Object& form);

// "Deauthorise sessions": devices are forgotten too, and the old stamp is void at once.
void endAllSessions(const VaultContext& context, const Session& session, const json::Object& form);

}  // namespace coffer::vault
