// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/outbox_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kInsert{"outbox.insert", R"(
    INSERT INTO outbox (recipient, kind, subject, plain, html, created_at, due_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8))"};
// Counted over the small index, not over the texts.
constexpr Sql kCount{"outbox.count", "SELECT count(*) FROM outbox WHERE due_at >= 0"};
constexpr Sql kNextDue{"outbox.next_due", "SELECT min(due_at) FROM outbox"};
constexpr Sql kDue{"outbox.due", R"(
    SELECT seq, recipient, kind, subject, plain, html, attempts, last_error, created_at, due_at,
           expires_at
    FROM outbox WHERE due_at <= $1 ORDER BY due_at, seq LIMIT $2)"};
constexpr Sql kList{"outbox.list", R"(
    SELECT seq, recipient, kind, subject, '', '', attempts, last_error, created_at, due_at,
           expires_at
    FROM outbox WHERE seq > 0 ORDER BY seq LIMIT $1)"};
constexpr Sql kRemove{"outbox.remove", "DELETE FROM outbox WHERE seq = $1"};
constexpr Sql kPostpone{"outbox.postpone", R"(
    UPDATE outbox SET attempts = attempts + 1, due_at = $2, last_error = $3 WHERE seq = $1)"};
constexpr Sql kPostponeDue{"outbox.postpone_due", R"(
    UPDATE outbox
    SET due_at = $1 + CASE attempts WHEN 0 THEN $3 WHEN 1 THEN $4 WHEN 2 THEN $5 WHEN 3 THEN $6
                                    WHEN 4 THEN $7 ELSE $8 END,
        attempts = attempts + 1, last_error = $2
    WHERE due_at <= $1)"};
constexpr Sql kMakeDue{"outbox.make_due", "UPDATE outbox SET due_at = $1 WHERE due_at > $1"};

OutboxMail readMail(const Rows& rows) {
  return {.seq = rows.integer(0),
          .recipient = rows.string(1),
          .kind = rows.string(2),
          .subject = rows.string(3),
          .plain = rows.string(4),
          .html = rows.string(5),
          .attempts = rows.integer(6),
          .lastError = rows.optionalString(7),
          .createdAt = rows.integer(8),
          .dueAt = rows.integer(9),
          .expiresAt = rows.integer(10)};
}

std::vector<OutboxMail> readAll(Rows rows) {
  std::vector<OutboxMail> mails;
  while (rows.next()) mails.push_back(readMail(rows));
  return mails;
}

}  // namespace

void OutboxStore::insert(const OutboxMail& mail) {
  db_.run(kInsert, mail.recipient, mail.kind, mail.subject, mail.plain, mail.html, mail.createdAt,
          mail.dueAt, mail.expiresAt);
}

std::int64_t OutboxStore::count() {
  auto rows = db_.query(kCount);
  return rows.next() ? rows.integer(0) : 0;
}

std::optional<UnixMicros> OutboxStore::nextDue() {
  auto rows = db_.query(kNextDue);
  return rows.next() ? rows.optionalInteger(0) : std::nullopt;
}

std::vector<OutboxMail> OutboxStore::due(UnixMicros now, std::int64_t limit) {
  return readAll(db_.query(kDue, now, limit));
}

std::vector<OutboxMail> OutboxStore::list(std::int64_t limit) {
  return readAll(db_.query(kList, limit));
}

bool OutboxStore::remove(std::int64_t seq) { return db_.run(kRemove, seq) == 1; }

void OutboxStore::postpone(std::int64_t seq, UnixMicros until, std::string_view error) {
  db_.run(kPostpone, seq, until, error);
}

void OutboxStore::postponeDue(UnixMicros now, std::string_view error,
                              const RetryIntervals& retryAfter) {
  db_.run(kPostponeDue, now, error, retryAfter[0], retryAfter[1], retryAfter[2], retryAfter[3],
          retryAfter[4], retryAfter[5]);
}

std::int64_t OutboxStore::makeDue(UnixMicros now) { return db_.run(kMakeDue, now); }

}  // namespace coffer::storage
