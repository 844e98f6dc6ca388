// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/folder_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kInsert{"folders.insert", R"(
    INSERT INTO folders (id, user_id, name, created_at, revised_at)
    VALUES ($1, $2, $3, $4, $5))"};
constexpr Sql kFind{"folders.find", R"(
    SELECT id, user_id, name, created_at, revised_at FROM folders
    WHERE id = $2 AND user_id = $1)"};
constexpr Sql kList{"folders.list", R"(
    SELECT id, user_id, name, created_at, revised_at FROM folders
    WHERE user_id = $1 ORDER BY created_at, rowid)"};
constexpr Sql kOwns{"folders.owns", "SELECT 1 FROM folders WHERE id = $2 AND user_id = $1"};
constexpr Sql kCount{"folders.count", "SELECT count(*) FROM folders WHERE user_id = $1"};
constexpr Sql kRename{"folders.rename", R"(
    UPDATE folders SET name = $3, revised_at = $4 WHERE id = $2 AND user_id = $1)"};
constexpr Sql kRemove{"folders.remove", "DELETE FROM folders WHERE id = $2 AND user_id = $1"};
constexpr Sql kRemoveAll{"folders.remove_all", "DELETE FROM folders WHERE user_id = $1"};

Folder readFolder(const Rows& rows) {
  return {.id = rows.string(0),
          .userId = rows.string(1),
          .name = rows.string(2),
          .createdAt = rows.integer(3),
          .revisedAt = rows.integer(4)};
}

}  // namespace

void FolderStore::insert(const Folder& folder) {
  db_.run(kInsert, folder.id, folder.userId, folder.name, folder.createdAt, folder.revisedAt);
}

std::optional<Folder> FolderStore::find(std::string_view userId, std::string_view id) {
  auto rows = db_.query(kFind, userId, id);
  if (!rows.next()) return std::nullopt;
  return readFolder(rows);
}

std::vector<Folder> FolderStore::list(std::string_view userId) {
  std::vector<Folder> folders;
  auto rows = db_.query(kList, userId);
  while (rows.next()) folders.push_back(readFolder(rows));
  return folders;
}

bool FolderStore::owns(std::string_view userId, std::string_view id) {
  return db_.query(kOwns, userId, id).next();
}

std::int64_t FolderStore::count(std::string_view userId) {
  auto rows = db_.query(kCount, userId);
  return rows.next() ? rows.integer(0) : 0;
}

bool FolderStore::rename(std::string_view userId, std::string_view id, std::string_view name,
                         UnixMicros now) {
  return db_.run(kRename, userId, id, name, now) == 1;
}

bool FolderStore::remove(std::string_view userId, std::string_view id) {
  return db_.run(kRemove, userId, id) == 1;
}

std::vector<std::string> FolderStore::removeMany(std::string_view userId,
                                                 std::span<const std::string> ids) {
  std::vector<std::string> removed;
  for (const auto& id : ids) {
    if (remove(userId, id)) removed.push_back(id);
  }
  return removed;
}

std::int64_t FolderStore::removeAll(std::string_view userId) { return db_.run(kRemoveAll, userId); }

}  // namespace coffer::storage
