// SPDX-License-Identifier: BSD-2-Clause
//
// What other devices are told when an account changes (vault-core 4.3 and 8). To be called once the
// change is durable, with the account as it is then.
#pragma once

#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"

#include <string>

namespace coffer::vault {

// Every session is over. The device that made the change sees to itself; "" names none, and all of
// them are told.
void tellOfLogOut(const VaultContext& context, const storage::User& user,
                  const std::string& actingDevice);

// Something that clients show of the account.
void tellOfSettings(const VaultContext& context, const storage::User& user,
                    const std::string& actingDevice);

}  // namespace coffer::vault
