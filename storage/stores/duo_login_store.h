// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `duo_logins`: logins that were sent to Duo and are expected back (vault-extras 4.8). The
// state that comes back with somebody is kept as its hash only.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {

struct DuoLogin {
  std::string stateHash;  // SHA-256, 32 raw bytes; unique.
  std::string userId;     // Must exist.
  std::string nonce;
  UnixMicros expiresAt = 0;
};

class DuoLoginStore {
 public:
  explicit DuoLoginStore(Transaction& tx) : db_(tx.connection()) {}

  // Of this user's, the `most` that end last are left, this one among them.
  void insert(const DuoLogin& login, std::int64_t most);
  // The nonce, once. Nothing when there is no such login of this user, or when it has ended.
  std::optional<std::string> take(std::string_view stateHash, std::string_view userId,
                                  UnixMicros now);
  void removeAll(std::string_view userId);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
