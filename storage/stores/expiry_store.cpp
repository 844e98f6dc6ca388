// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/expiry_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

// Ordered by expiry through each table's index, so that the cost is that of what goes.
constexpr Sql kCodes{"one_time_codes.remove_expired", R"(
    DELETE FROM one_time_codes WHERE (user_id, purpose) IN (
      SELECT user_id, purpose FROM one_time_codes WHERE expires_at <= $1
      ORDER BY expires_at LIMIT $2))"};
constexpr Sql kTokens{"spent_tokens.remove_expired", R"(
    DELETE FROM spent_tokens WHERE token_hash IN (
      SELECT token_hash FROM spent_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2))"};
constexpr Sql kDuo{"duo_logins.remove_expired", R"(
    DELETE FROM duo_logins WHERE state_hash IN (
      SELECT state_hash FROM duo_logins WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2))"};
constexpr Sql kSendCodes{"send_codes.remove_expired", R"(
    DELETE FROM send_codes WHERE (send_id, email) IN (
      SELECT send_id, email FROM send_codes WHERE expires_at <= $1
      ORDER BY expires_at LIMIT $2))"};

}  // namespace

std::uint64_t ExpiryStore::removeExpired(UnixMicros now, std::int64_t most) {
  std::int64_t removed = 0;
  for (const Sql* sql : {&kCodes, &kTokens, &kDuo, &kSendCodes}) {
    if (removed < most) removed += db_.run(*sql, now, most - removed);
  }
  return static_cast<std::uint64_t>(removed);
}

}  // namespace coffer::storage
