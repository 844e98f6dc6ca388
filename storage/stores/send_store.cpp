// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/send_store.h"

#include "storage/database/connection.h"

#include <utility>

namespace coffer::storage {
namespace {

#define COLUMNS                                                                            \
  "s.id, s.user_id, s.type, s.name, s.notes, s.key, s.data, s.auth_type, s.password_hash," \
  " s.password_salt, s.password_iterations, s.emails, s.max_access_count, s.access_count," \
  " s.disabled, s.hide_email, s.file_id, s.file_size, s.uploaded_at, s.created_at,"        \
  " s.revised_at, s.expires_at, s.deletion_at"
constexpr int kColumns = 23;

constexpr Sql kFind{"sends.find",
                    "SELECT " COLUMNS " FROM sends s WHERE s.id = $2 AND s.user_id = $1"};
constexpr Sql kFindShared{"sends.find_shared",
                          "SELECT " COLUMNS
                          ", u.email, u.disabled"
                          " FROM sends s JOIN users u ON u.id = s.user_id WHERE s.id = $1"};
constexpr Sql kPage{"sends.page", "SELECT " COLUMNS
                                  " FROM sends s WHERE s.user_id = $1 AND s.id > $2"
                                  " AND (s.type <> 1 OR s.uploaded_at IS NOT NULL) ORDER BY s.id"};
#undef COLUMNS

constexpr Sql kInsert{"sends.insert", R"(
    INSERT INTO sends (id, user_id, type, name, notes, key, data, auth_type, password_hash,
                       password_salt, password_iterations, emails, max_access_count, access_count,
                       disabled, hide_email, file_id, file_size, uploaded_at, created_at,
                       revised_at, expires_at, deletion_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, $21, $22, $23))"};
constexpr Sql kFileBytes{"sends.file_bytes",
                         "SELECT sum(file_size) FROM sends WHERE user_id = $1 AND type = 1"};
constexpr Sql kUpdate{"sends.update", R"(
    UPDATE sends SET name = $3, notes = $4, key = $5, data = $6, auth_type = $7,
      password_hash = $8, password_salt = $9, password_iterations = $10, emails = $11,
      max_access_count = $12, disabled = $13, hide_email = $14, revised_at = $15, expires_at = $16,
      deletion_at = $17
    WHERE id = $2 AND user_id = $1)"};
constexpr Sql kReseal{"sends.reseal", R"(
    UPDATE sends SET name = $3, notes = $4, key = $5, data = $6, revised_at = $7
    WHERE id = $2 AND user_id = $1)"};
constexpr Sql kMarkUploaded{"sends.mark_uploaded", R"(
    UPDATE sends SET data = $3, file_size = $4, uploaded_at = $5, revised_at = $6
    WHERE id = $2 AND user_id = $1 AND type = 1 AND uploaded_at IS NULL)"};
constexpr Sql kRemove{"sends.remove", "DELETE FROM sends WHERE id = $2 AND user_id = $1"};
constexpr Sql kRemoveAnnounced{"sends.remove_announced", R"(
    DELETE FROM sends WHERE user_id = $1 AND type = 1 AND uploaded_at IS NULL)"};

// The revision moves on even where the clock does not: at least a millisecond, the clients' unit.
constexpr Sql kCountAccess{"sends.count_access", R"(
    UPDATE sends SET access_count = access_count + 1,
      revised_at = CASE WHEN $2 > revised_at + 1000 THEN $2 ELSE revised_at + 1000 END
    WHERE id = $1 AND disabled = 0 AND deletion_at > $2
      AND (expires_at IS NULL OR expires_at > $2)
      AND (max_access_count IS NULL OR access_count < max_access_count)
      AND (type <> 1 OR uploaded_at IS NOT NULL)
      AND EXISTS (SELECT 1 FROM users u WHERE u.id = sends.user_id AND u.disabled = 0)
    RETURNING user_id, revised_at)"};

constexpr Sql kPurgeDeleted{"sends.purge_deleted", R"(
    DELETE FROM sends WHERE id IN
      (SELECT id FROM sends WHERE deletion_at <= $1 ORDER BY deletion_at LIMIT $2)
    RETURNING user_id)"};
constexpr Sql kPurgeAnnounced{"sends.purge_announced", R"(
    DELETE FROM sends WHERE id IN
      (SELECT id FROM sends WHERE type = 1 AND uploaded_at IS NULL AND created_at < $1
       ORDER BY created_at LIMIT $2)
    RETURNING user_id)"};

std::optional<PasswordVerifier> readVerifier(const Rows& rows) {
  if (rows.isNull(8)) return std::nullopt;
  return PasswordVerifier{std::string(rows.blob(8)), std::string(rows.blob(9)), rows.integer(10)};
}

Send readSend(const Rows& rows) {
  return {.id = rows.string(0),
          .userId = rows.string(1),
          .type = static_cast<SendType>(rows.integer(2)),
          .name = rows.string(3),
          .notes = rows.optionalString(4),
          .key = rows.string(5),
          .data = rows.string(6),
          .auth = static_cast<SendAuth>(rows.integer(7)),
          .password = readVerifier(rows),
          .emails = rows.optionalString(11),
          .maxAccessCount = rows.optionalInteger(12),
          .accessCount = rows.integer(13),
          .disabled = rows.boolean(14),
          .hideEmail = rows.boolean(15),
          .fileId = rows.optionalString(16),
          .fileSize = rows.optionalInteger(17),
          .uploadedAt = rows.optionalInteger(18),
          .createdAt = rows.integer(19),
          .revisedAt = rows.integer(20),
          .expiresAt = rows.optionalInteger(21),
          .deletionAt = rows.integer(22)};
}

// The three columns of a verifier, NULL when there is none.
struct VerifierColumns {
  explicit VerifierColumns(const std::optional<PasswordVerifier>& verifier) {
    if (!verifier) return;
    hash = Blob{verifier->hash};
    salt = Blob{verifier->salt};
    iterations = verifier->iterations;
  }
  std::optional<Blob> hash;
  std::optional<Blob> salt;
  std::optional<std::int64_t> iterations;
};

}  // namespace

void SendStore::insert(const Send& s) {
  const VerifierColumns password(s.password);
  db_.run(kInsert, s.id, s.userId, static_cast<int>(s.type), s.name, s.notes, s.key, s.data,
          static_cast<int>(s.auth), password.hash, password.salt, password.iterations, s.emails,
          s.maxAccessCount, s.accessCount, s.disabled, s.hideEmail, s.fileId, s.fileSize,
          s.uploadedAt, s.createdAt, s.revisedAt, s.expiresAt, s.deletionAt);
}

std::optional<Send> SendStore::find(std::string_view userId, std::string_view id) {
  auto rows = db_.query(kFind, userId, id);
  if (!rows.next()) return std::nullopt;
  return readSend(rows);
}

std::optional<SharedSend> SendStore::findShared(std::string_view id) {
  auto rows = db_.query(kFindShared, id);
  if (!rows.next()) return std::nullopt;
  return SharedSend{readSend(rows), rows.string(kColumns), rows.boolean(kColumns + 1)};
}

bool SendStore::page(std::string_view userId, SendCursor& cursor, std::size_t limitBytes,
                     const Visitor& visit) {
  std::size_t bytes = 0;
  auto rows = db_.query(kPage, userId, cursor.after);
  while (rows.next()) {
    const Send send = readSend(rows);
    cursor.after = send.id;
    bytes += send.data.size() + send.name.size() + send.notes.value_or("").size();
    visit(send);
    if (bytes >= limitBytes) return true;
  }
  return false;
}

std::uint64_t SendStore::fileBytes(std::string_view userId) {
  auto rows = db_.query(kFileBytes, userId);
  return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

bool SendStore::update(const Send& s) {
  const VerifierColumns password(s.password);
  return db_.run(kUpdate, s.userId, s.id, s.name, s.notes, s.key, s.data, static_cast<int>(s.auth),
                 password.hash, password.salt, password.iterations, s.emails, s.maxAccessCount,
                 s.disabled, s.hideEmail, s.revisedAt, s.expiresAt, s.deletionAt) == 1;
}

bool SendStore::reseal(const Send& s) {
  return db_.run(kReseal, s.userId, s.id, s.name, s.notes, s.key, s.data, s.revisedAt) == 1;
}

bool SendStore::markUploaded(const Send& s) {
  return db_.run(kMarkUploaded, s.userId, s.id, s.data, s.fileSize, s.uploadedAt, s.revisedAt) == 1;
}

bool SendStore::remove(std::string_view userId, std::string_view id) {
  return db_.run(kRemove, userId, id) == 1;
}

std::int64_t SendStore::removeAnnounced(std::string_view userId) {
  return db_.run(kRemoveAnnounced, userId);
}

std::optional<CountedAccess> SendStore::countAccess(std::string_view id, UnixMicros now) {
  auto rows = db_.query(kCountAccess, id, now);
  if (!rows.next()) return std::nullopt;
  return CountedAccess{rows.string(0), rows.integer(1)};
}

std::vector<std::string> SendStore::purge(UnixMicros now, UnixMicros announcedBefore,
                                          std::size_t most) {
  std::vector<std::string> owners;
  const auto remove = [&](const Sql& sql, UnixMicros before) {
    auto rows = db_.query(sql, before, most - owners.size());
    while (rows.next()) owners.push_back(rows.string(0));
  };
  remove(kPurgeDeleted, now);
  remove(kPurgeAnnounced, announcedBefore);
  return owners;
}

}  // namespace coffer::storage
