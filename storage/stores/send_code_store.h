// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `send_codes`: codes mailed to those who want to read a Send that is open to listed
// addresses only (vault-extras 2.9 B). One for each Send and address at a time, kept as a hash.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {

struct SendCode {
  std::string sendId;
  std::string email;     // Lower case.
  std::string codeHash;  // Raw bytes.
  std::int64_t attempts = 0;
  UnixMicros sentAt = 0;
  UnixMicros expiresAt = 0;
};

class SendCodeStore {
 public:
  explicit SendCodeStore(Transaction& tx) : db_(tx.connection()) {}

  std::optional<SendCode> find(std::string_view sendId, std::string_view email);
  void put(const SendCode& code);  // In the place of the one there is.
  void countAttempt(std::string_view sendId, std::string_view email);
  void remove(std::string_view sendId, std::string_view email);
  std::int64_t removeExpired(UnixMicros now);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
