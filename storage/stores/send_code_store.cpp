// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/send_code_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kFind{"send_codes.find", R"(
    SELECT code_hash, attempts, sent_at, expires_at FROM send_codes
    WHERE send_id = $1 AND email = $2)"};
constexpr Sql kPut{"send_codes.put", R"(
    INSERT INTO send_codes (send_id, email, code_hash, attempts, sent_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (send_id, email) DO UPDATE SET code_hash = excluded.code_hash,
      attempts = excluded.attempts, sent_at = excluded.sent_at, expires_at = excluded.expires_at)"};
constexpr Sql kCountAttempt{"send_codes.count_attempt", R"(
    UPDATE send_codes SET attempts = attempts + 1 WHERE send_id = $1 AND email = $2)"};
constexpr Sql kRemove{"send_codes.remove",
                      "DELETE FROM send_codes WHERE send_id = $1 AND email = $2"};
constexpr Sql kRemoveExpired{"send_codes.remove_expired",
                             "DELETE FROM send_codes WHERE expires_at <= $1"};

}  // namespace

std::optional<SendCode> SendCodeStore::find(std::string_view sendId, std::string_view email) {
  auto rows = db_.query(kFind, sendId, email);
  if (!rows.next()) return std::nullopt;
  return SendCode{.sendId = std::string(sendId),
                  .email = std::string(email),
                  .codeHash = std::string(rows.blob(0)),
                  .attempts = rows.integer(1),
                  .sentAt = rows.integer(2),
                  .expiresAt = rows.integer(3)};
}

void SendCodeStore::put(const SendCode& code) {
  db_.run(kPut, code.sendId, code.email, Blob{code.codeHash}, code.attempts, code.sentAt,
          code.expiresAt);
}

void SendCodeStore::countAttempt(std::string_view sendId, std::string_view email) {
  db_.run(kCountAttempt, sendId, email);
}

void SendCodeStore::remove(std::string_view sendId, std::string_view email) {
  db_.run(kRemove, sendId, email);
}

std::int64_t SendCodeStore::removeExpired(UnixMicros now) { return db_.run(kRemoveExpired, now); }

}  // namespace coffer::storage
