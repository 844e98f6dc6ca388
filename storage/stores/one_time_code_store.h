// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `one_time_codes`: what was mailed to somebody to be typed back, one for each account and
// purpose. Codes are kept as hashes; what they are worth is decided by
// vault/codes/one_time_codes.h. Lifetime: belongs to one open Transaction. Threads: only the one
// that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {

struct OneTimeCode {
  std::string hash;  // 32 raw bytes; "" once wrong answers have used it up.
  std::optional<std::string> data;
  std::int64_t attempts = 0;  // Wrong ones.
  UnixMicros sentAt = 0;
  UnixMicros expiresAt = 0;
};

class OneTimeCodeStore {
 public:
  explicit OneTimeCodeStore(Transaction& tx) : db_(tx.connection()) {}

  std::optional<OneTimeCode> find(std::string_view userId, std::string_view purpose);
  // In the place of the one before. The user must exist.
  void put(std::string_view userId, std::string_view purpose, const OneTimeCode& code);
  // Both do nothing when there is none.
  void countAttempt(std::string_view userId, std::string_view purpose);
  // Keeps the row, which says when the last one was sent, and forgets what would be right.
  void useUp(std::string_view userId, std::string_view purpose);
  void remove(std::string_view userId, std::string_view purpose);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
