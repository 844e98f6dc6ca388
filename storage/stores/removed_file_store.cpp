// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/removed_file_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kList{"removed_files.list",
                    "SELECT path FROM removed_files WHERE path > $1 ORDER BY path LIMIT $2"};
constexpr Sql kContains{"removed_files.contains", "SELECT 1 FROM removed_files WHERE path = $1"};
constexpr Sql kForget{"removed_files.forget", "DELETE FROM removed_files WHERE path = $1"};

}  // namespace

std::vector<std::string> RemovedFileStore::list(std::string_view after, std::size_t most) {
  std::vector<std::string> paths;
  auto rows = db_.query(kList, after, static_cast<std::int64_t>(most));
  while (rows.next()) paths.push_back(rows.string(0));
  return paths;
}

bool RemovedFileStore::contains(std::string_view path) { return db_.query(kContains, path).next(); }

void RemovedFileStore::forget(std::span<const std::string> paths) {
  for (const auto& path : paths) db_.run(kForget, path);
}

}  // namespace coffer::storage
