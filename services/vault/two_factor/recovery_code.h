// SPDX-License-Identifier: BSD-2-Clause
//
// The code an account's owner writes down to get in when every second factor is lost (vault-extras
// 4.10 and 4.12). Using it removes them all, and itself.
#pragma once

#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// 20 random bytes in base32.
std::string makeRecoveryCode();

// As people and clients write it: with spaces, in any case. A user without one has none that is
// right. Constant time.
[[nodiscard]] bool isRecoveryCode(const storage::User& user, std::string_view shown);

// Removes every second factor when the code is right: durably, once, and with a mail to the owner
// where mail is on. False when it is wrong, or the account was changed since it was read.
[[nodiscard]] bool redeemRecoveryCode(const VaultContext& context, const storage::User& user,
                                      std::string_view shown, const std::string& clientAddress);

}  // namespace coffer::vault
