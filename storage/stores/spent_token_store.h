// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `spent_tokens`: signed tokens and challenges that are good for one use and have had it.
// They are remembered until they would have expired anyway.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <string_view>

namespace coffer::storage {

class SpentTokenStore {
 public:
  explicit SpentTokenStore(Transaction& tx) : db_(tx.connection()) {}

  // `hash` is the SHA-256 of the token. False when it was spent before: then whoever holds it now
  // gets nothing. `expiresAt` must not be before the last moment at which the token is accepted.
  [[nodiscard]] bool spend(std::string_view hash, UnixMicros expiresAt);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
