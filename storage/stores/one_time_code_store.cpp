// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/one_time_code_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kFind{"one_time_codes.find", R"(
    SELECT code_hash, data, attempts, sent_at, expires_at
    FROM one_time_codes WHERE user_id = $1 AND purpose = $2)"};
constexpr Sql kPut{"one_time_codes.put", R"(
    INSERT INTO one_time_codes (user_id, purpose, code_hash, data, attempts, sent_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (user_id, purpose) DO UPDATE SET
      code_hash = excluded.code_hash, data = excluded.data, attempts = excluded.attempts,
      sent_at = excluded.sent_at, expires_at = excluded.expires_at)"};
constexpr Sql kCountAttempt{"one_time_codes.count_attempt", R"(
    UPDATE one_time_codes SET attempts = attempts + 1 WHERE user_id = $1 AND purpose = $2)"};
constexpr Sql kUseUp{"one_time_codes.use_up", R"(
    UPDATE one_time_codes SET code_hash = x'', data = NULL WHERE user_id = $1 AND purpose = $2)"};
constexpr Sql kRemove{"one_time_codes.remove",
                      "DELETE FROM one_time_codes WHERE user_id = $1 AND purpose = $2"};

}  // namespace

std::optional<OneTimeCode> OneTimeCodeStore::find(std::string_view userId,
                                                  std::string_view purpose) {
  auto rows = db_.query(kFind, userId, purpose);
  if (!rows.next()) return std::nullopt;
  return OneTimeCode{.hash = std::string(rows.blob(0)),
                     .data = rows.optionalString(1),
                     .attempts = rows.integer(2),
                     .sentAt = rows.integer(3),
                     .expiresAt = rows.integer(4)};
}

void OneTimeCodeStore::put(std::string_view userId, std::string_view purpose,
                           const OneTimeCode& code) {
  db_.run(kPut, userId, purpose, Blob{code.hash}, code.data, code.attempts, code.sentAt,
          code.expiresAt);
}

void OneTimeCodeStore::countAttempt(std::string_view userId, std::string_view purpose) {
  db_.run(kCountAttempt, userId, purpose);
}

void OneTimeCodeStore::useUp(std::string_view userId, std::string_view purpose) {
  db_.run(kUseUp, userId, purpose);
}

void OneTimeCodeStore::remove(std::string_view userId, std::string_view purpose) {
  db_.run(kRemove, userId, purpose);
}

}  // namespace coffer::storage
