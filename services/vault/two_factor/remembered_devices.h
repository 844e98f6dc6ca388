// SPDX-License-Identifier: BSD-2-Clause
//
// Devices that need not show the second factor again (vault-extras 4.9). The token is bound to the
// account and the device it was given to, holds for thirty days, and ends earlier with the device,
// the security stamp or the account's last factor. The database has its SHA-256.
#pragma once

#include "services/vault/vault_context.h"

#include <string>
#include <string_view>

namespace coffer::storage {
class Transaction;
}

namespace coffer::vault {

std::string makeRememberToken();

// Part of the transaction that records the login, which has made the device known. The token
// replaces the one before.
void rememberDevice(storage::Transaction& tx, std::string_view userId, std::string_view device,
                    std::string_view token, UnixMicros now);

// Whether the device shows the token it was given. One that shows another, or too late, is
// forgotten: its client throws its copy away when it is asked for a factor.
[[nodiscard]] bool isRemembered(const VaultContext& context, std::string_view userId,
                                std::string_view device, std::string_view token);

}  // namespace coffer::vault
