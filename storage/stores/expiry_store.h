// SPDX-License-Identifier: BSD-2-Clause
//
// Rows whose time is over, in every table whose rows are of no use to anybody after `expires_at`.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>

namespace coffer::storage {

class ExpiryStore {
 public:
  explicit ExpiryStore(Transaction& tx) : db_(tx.connection()) {}

  // Removes up to `most` rows of all tables together; returns how many.
  std::uint64_t removeExpired(UnixMicros now, std::int64_t most);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
