// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/cipher_store.h"

#include "storage/database/connection.h"

#include <set>

namespace coffer::storage {
namespace {

// Every statement takes the reader as $1, and the item, where there is one, as $2.
#define VISIBLE                                                                            \
  "SELECT c.seq, c.id, c.organization_id, s.folder_id, c.type, s.favorite, s.archived_at," \
  " c.created_at, c.revised_at, c.deleted_at, c.body, c.attachment_count"                  \
  " FROM ciphers c LEFT JOIN cipher_user_state s ON s.user_id = $1 AND s.cipher_seq = c.seq "

constexpr Sql kFind{"ciphers.find", VISIBLE "WHERE c.id = $2 AND c.user_id = $1"};
constexpr Sql kPage{"ciphers.page", VISIBLE "WHERE c.user_id = $1 AND c.seq > $2 ORDER BY c.seq"};
#undef VISIBLE

constexpr Sql kInsert{"ciphers.insert", R"(
    INSERT INTO ciphers (id, user_id, organization_id, type, created_at, revised_at, deleted_at,
                         body)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8))"};
constexpr Sql kCount{"ciphers.count", "SELECT count(*) FROM ciphers WHERE user_id = $1"};
constexpr Sql kUpdate{"ciphers.update", R"(
    UPDATE ciphers SET type = $3, body = $4, revised_at = $5 WHERE id = $2 AND user_id = $1)"};

constexpr Sql kSetState{"ciphers.set_state", R"(
    INSERT INTO cipher_user_state (user_id, cipher_seq, folder_id, favorite, archived_at)
    SELECT $1, seq, (SELECT id FROM folders WHERE id = $3 AND user_id = $1), $4, $5
    FROM ciphers WHERE id = $2 AND user_id = $1
    ON CONFLICT (user_id, cipher_seq) DO UPDATE SET folder_id = excluded.folder_id,
      favorite = excluded.favorite, archived_at = excluded.archived_at)"};
constexpr Sql kMove{"ciphers.move", R"(
    INSERT INTO cipher_user_state (user_id, cipher_seq, folder_id)
    SELECT $1, seq, (SELECT id FROM folders WHERE id = $3 AND user_id = $1)
    FROM ciphers WHERE id = $2 AND user_id = $1
    ON CONFLICT (user_id, cipher_seq) DO UPDATE SET folder_id = excluded.folder_id)"};
constexpr Sql kArchive{"ciphers.archive", R"(
    INSERT INTO cipher_user_state (user_id, cipher_seq, archived_at)
    SELECT $1, seq, $3 FROM ciphers WHERE id = $2 AND user_id = $1
    ON CONFLICT (user_id, cipher_seq) DO UPDATE SET archived_at = excluded.archived_at
      WHERE cipher_user_state.archived_at IS NULL)"};
constexpr Sql kUnarchive{"ciphers.unarchive", R"(
    UPDATE cipher_user_state SET archived_at = NULL
    WHERE user_id = $1 AND archived_at IS NOT NULL
      AND cipher_seq = (SELECT seq FROM ciphers WHERE id = $2))"};

// Always forward, even where the clock does not.
#define REVISED "revised_at = CASE WHEN $3 > revised_at + 1000 THEN $3 ELSE revised_at + 1000 END"
constexpr Sql kTrash{"ciphers.trash", "UPDATE ciphers SET deleted_at = $3, " REVISED
                                      " WHERE id = $2 AND user_id = $1 AND deleted_at IS NULL"};
constexpr Sql kRestore{"ciphers.restore",
                       "UPDATE ciphers SET deleted_at = NULL, " REVISED
                       " WHERE id = $2 AND user_id = $1 AND deleted_at IS NOT NULL"};
constexpr Sql kRevise{"ciphers.revise",
                      "UPDATE ciphers SET " REVISED " WHERE id = $2 AND user_id = $1"};
#undef REVISED
constexpr Sql kRemove{"ciphers.remove", "DELETE FROM ciphers WHERE id = $2 AND user_id = $1"};
constexpr Sql kRemoveTrashed{"ciphers.remove_trashed", R"(
    DELETE FROM ciphers WHERE seq IN (
      SELECT seq FROM ciphers WHERE deleted_at IS NOT NULL AND deleted_at < $1
      ORDER BY deleted_at LIMIT $2)
    RETURNING id, user_id, organization_id)"};
constexpr Sql kPurge{"ciphers.purge", "DELETE FROM ciphers WHERE user_id = $1 RETURNING id"};

CipherView readView(const Rows& rows) {
  return {.id = rows.text(1),
          .organizationId = rows.text(2),
          .folderId = rows.text(3),
          .body = rows.blob(10),  // As blob: the same bytes, not copied to end them with a NUL.
          .type = static_cast<int>(rows.integer(4)),
          .favorite = rows.boolean(5),
          .access = {},  // Everything, as the owner.
          .createdAt = rows.integer(7),
          .revisedAt = rows.integer(8),
          .deletedAt = rows.optionalInteger(9),
          .archivedAt = rows.optionalInteger(6),
          .attachments = {}};
}

bool hasAttachments(const Rows& rows) { return rows.integer(11) > 0; }

std::optional<std::string> copyUnlessEmpty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

template <typename Do>
std::vector<std::string> eachOnce(std::span<const std::string> ids, Do&& apply) {
  std::vector<std::string> done;
  std::set<std::string_view> seen;
  for (const auto& id : ids) {
    if (seen.insert(id).second && apply(id)) done.push_back(id);
  }
  return done;
}

}  // namespace

void CipherStore::insert(const Cipher& c) {
  db_.run(kInsert, c.id, c.userId, c.organizationId, c.type, c.createdAt, c.revisedAt, c.deletedAt,
          c.body);
}

std::optional<CipherRow> CipherStore::find(std::string_view userId, std::string_view id) {
  auto rows = db_.query(kFind, userId, id);
  if (!rows.next()) return std::nullopt;
  const CipherView view = readView(rows);
  CipherRow row;
  row.cipher.id = view.id;
  row.cipher.organizationId = copyUnlessEmpty(view.organizationId);
  if (!row.cipher.organizationId) row.cipher.userId = userId;
  row.cipher.type = view.type;
  row.cipher.body = view.body;
  row.cipher.createdAt = view.createdAt;
  row.cipher.revisedAt = view.revisedAt;
  row.cipher.deletedAt = view.deletedAt;
  row.state.folderId = copyUnlessEmpty(view.folderId);
  row.state.favorite = view.favorite;
  row.state.archivedAt = view.archivedAt;
  row.access = view.access;
  if (hasAttachments(rows)) row.attachments = attachments_.list(id);
  return row;
}

std::int64_t CipherStore::count(std::string_view userId) {
  auto rows = db_.query(kCount, userId);
  return rows.next() ? rows.integer(0) : 0;
}

bool CipherStore::pageVisible(std::string_view userId, CipherCursor& cursor, std::size_t limitBytes,
                              const Visitor& visit) {
  std::size_t bytes = 0;
  std::vector<Attachment> attachments;
  auto rows = db_.query(kPage, userId, cursor.after);
  while (rows.next()) {
    CipherView view = readView(rows);
    if (hasAttachments(rows)) {
      attachments = attachments_.list(view.id);
      view.attachments = attachments;
    }
    cursor.after = rows.integer(0);
    bytes += view.body.size();
    visit(view);
    if (bytes >= limitBytes) return true;
  }
  return false;
}

bool CipherStore::update(std::string_view userId, std::string_view id, int type,
                         std::string_view body, UnixMicros revisedAt) {
  return db_.run(kUpdate, userId, id, type, body, revisedAt) == 1;
}

bool CipherStore::setUserState(std::string_view userId, std::string_view id,
                               const CipherUserState& state) {
  return db_.run(kSetState, userId, id, state.folderId, state.favorite, state.archivedAt) == 1;
}

std::vector<std::string> CipherStore::moveToFolder(std::string_view userId,
                                                   std::span<const std::string> ids,
                                                   std::optional<std::string_view> folderId) {
  return eachOnce(ids,
                  [&](const std::string& id) { return db_.run(kMove, userId, id, folderId) == 1; });
}

std::vector<std::string> CipherStore::archive(std::string_view userId,
                                              std::span<const std::string> ids, UnixMicros now) {
  return eachOnce(ids, [&](const std::string& id) {
    return db_.run(kArchive, userId, id, now) == 1 && db_.run(kRevise, userId, id, now) == 1;
  });
}

std::vector<std::string> CipherStore::unarchive(std::string_view userId,
                                                std::span<const std::string> ids, UnixMicros now) {
  return eachOnce(ids, [&](const std::string& id) {
    return db_.run(kUnarchive, userId, id) == 1 && db_.run(kRevise, userId, id, now) == 1;
  });
}

std::vector<std::string> CipherStore::trash(std::string_view userId,
                                            std::span<const std::string> ids, UnixMicros now) {
  return eachOnce(ids, [&](const std::string& id) { return trash(userId, id, now); });
}

std::vector<std::string> CipherStore::restore(std::string_view userId,
                                              std::span<const std::string> ids, UnixMicros now) {
  return eachOnce(ids, [&](const std::string& id) { return restore(userId, id, now); });
}

std::vector<std::string> CipherStore::removeForever(std::string_view userId,
                                                    std::span<const std::string> ids) {
  return eachOnce(ids, [&](const std::string& id) { return removeForever(userId, id); });
}

std::vector<std::string> CipherStore::purge(std::string_view userId) {
  std::vector<std::string> removed;
  auto rows = db_.query(kPurge, userId);
  while (rows.next()) removed.push_back(rows.string(0));
  return removed;
}

std::vector<RemovedCipher> CipherStore::removeTrashedBefore(UnixMicros time, std::int64_t most) {
  std::vector<RemovedCipher> removed;
  auto rows = db_.query(kRemoveTrashed, time, most);
  while (rows.next()) {
    removed.push_back({rows.string(0), rows.optionalString(1), rows.optionalString(2)});
  }
  return removed;
}

bool CipherStore::trash(std::string_view userId, std::string_view id, UnixMicros now) {
  return db_.run(kTrash, userId, id, now) == 1;
}

bool CipherStore::restore(std::string_view userId, std::string_view id, UnixMicros now) {
  return db_.run(kRestore, userId, id, now) == 1;
}

bool CipherStore::removeForever(std::string_view userId, std::string_view id) {
  return db_.run(kRemove, userId, id) == 1;
}

}  // namespace coffer::storage
