// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `outbox`: mails on their way to the mail server. A row is there from the change that
// causes the mail until the server has taken it, refused it for good, or it is too old to be of
// use. Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct OutboxMail {
  std::int64_t seq = 0;  // Given by insert(). Used again once the newest row is gone.
  std::string recipient;
  std::string kind;  // The template's name.
  std::string subject;
  std::string plain;
  std::string html;
  std::int64_t attempts = 0;
  std::optional<std::string> lastError = {};
  UnixMicros createdAt = 0;
  UnixMicros dueAt = 0;  // Not before; createdAt at first.
  UnixMicros expiresAt = 0;
};

using RetryIntervals = std::array<UnixMicros, 6>;

class OutboxStore {
 public:
  explicit OutboxStore(Transaction& tx) : db_(tx.connection()) {}

  void insert(const OutboxMail& mail);  // All but seq, attempts and lastError.
  std::int64_t count();
  std::optional<UnixMicros> nextDue();
  std::vector<OutboxMail> due(UnixMicros now, std::int64_t limit);  // Longest due first.
  // Without the texts, oldest first.
  std::vector<OutboxMail> list(std::int64_t limit);

  [[nodiscard]] bool remove(std::int64_t seq);
  // One more attempt has failed.
  void postpone(std::int64_t seq, UnixMicros until, std::string_view error);
  // Nothing could be sent at `now`: one more attempt of everything due has failed. The first
  // failure waits for retryAfter[0], the last one for as long as any that follows.
  void postponeDue(UnixMicros now, std::string_view error, const RetryIntervals& retryAfter);
  // Everything is due now; returns how many were not.
  std::int64_t makeDue(UnixMicros now);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
