// SPDX-License-Identifier: BSD-2-Clause
//
// Who may do what with an entry of emergency access (vault-extras 3.3). To everybody but the two
// people concerned an entry does not exist; to them, a step out of turn is refused.
#pragma once

#include "services/vault/access/session.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/vault_context.h"
#include "storage/stores/emergency_access_store.h"
#include "storage/stores/user_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

constexpr std::int64_t kMaxWaitDays = 32'767;
constexpr const char* kEmergencyRefused = "Emergency access not valid.";

// Throws BadRequest when the owner of the box switched it off.
void requireEmergencyAccess(const VaultContext& context);

// Both throw NotFound for an entry that is not the session's in that part.
storage::EmergencyAccess asGrantor(storage::Transaction& tx, const Session& session,
                                   std::string_view id);
storage::EmergencyAccess asGrantee(storage::Transaction& tx, const Session& session,
                                   std::string_view id);

// The same, for a grantee whose request was granted for that type. BadRequest before it was.
storage::EmergencyAccess granted(storage::Transaction& tx, const Session& session,
                                 std::string_view id, storage::EmergencyType type);

// Throws BadRequest unless the step was taken.
void requireStep(bool taken);

// "Jane", or the address of somebody without a name.
std::string shownName(const storage::User& user);

// "view" or "takeover", for mails.
std::string accessWord(storage::EmergencyType type);

// The account, which the row of the entry refers to.
storage::User person(storage::Transaction& tx, std::string_view userId);

// Nothing where there is no mail.
std::optional<RenderedMail> renderIfEnabled(const VaultContext& context, const Mail& mail);

// Accepts every open invitation of an address, where there is no mail to accept it by.
void acceptOpenInvitations(const VaultContext& context, storage::Transaction& tx,
                           const storage::User& user, UnixMicros now);

}  // namespace coffer::vault
