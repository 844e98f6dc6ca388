// SPDX-License-Identifier: BSD-2-Clause
//
// What an address without an account looks like from outside: its KDF, and how long the check of
// its password takes, are those of some account here. Which one follows from the address and a
// secret, so that the answer is the same every time, and a setting is as frequent among addresses
// that do not exist as among those that do.
#pragma once

#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"

#include <string>

namespace coffer::storage {
class Transaction;
}

namespace coffer::vault {

// With no account at all, the defaults of today.
storage::StandIn standInFor(const VaultContext& context, storage::Transaction& tx,
                            const std::string& email);

}  // namespace coffer::vault
