// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/repository_stats.h"

#include "appliance/base/fault.h"
#include "services/restic/state_folder.h"
#include "services/restic/usage_file.h"
#include "storage/blobs/folder_reader.h"

#include <sys/stat.h>

#include <algorithm>

namespace coffer::restic {
namespace {

using storage::FolderReader;

constexpr int kMaxFolders = 2;

struct Scan {
  bool isRepository = false;
  std::vector<std::string> folders;
};

// What lies directly in a folder. Repositories hold few names there, so all of them fit in memory.
Scan scan(const storage::BlobStore& store, const std::string& path) {
  Scan result;
  UniqueFd fd = store.openFolder(path);
  if (!fd) return result;
  FolderReader reader(std::move(fd));
  FolderReader::Entry entry;
  while (reader.next(entry)) {
    const bool isFolder = reader.isFolder(entry, store.root().links());
    if (isReservedName(entry.name)) {
      const bool isPart =
          entry.name == "config" ? reader.kindOf(entry) == FolderReader::Kind::File : isFolder;
      result.isRepository = result.isRepository || isPart;
    } else if (isFolder && !(path.empty() && isOwnRootName(entry.name))) {
      result.folders.emplace_back(entry.name);
    }
  }
  return result;
}

void findBelow(const storage::BlobStore& store, const std::string& path, int depth,
               std::vector<std::string>& found) {
  const Scan here = scan(store, path);
  if (here.isRepository) found.push_back(path);
  if (depth == kMaxFolders) return;
  for (const std::string& folder : here.folders) {
    findBelow(store, path.empty() ? folder : path + "/" + folder, depth + 1, found);
  }
}

// Adds up the objects of one folder; only names that begin with `prefix` are in their place.
void countFolder(const storage::BlobStore& store, const std::string& path, std::string_view prefix,
                 TypeUsage& usage, UnixMicros& newest) {
  UniqueFd fd = store.openFolder(path);
  if (!fd) return;
  FolderReader reader(std::move(fd));
  FolderReader::Entry entry;
  while (reader.next(entry)) {
    if (!isObjectId(entry.name) || !entry.name.starts_with(prefix)) continue;
    const auto info = reader.statFile(entry);
    if (!info) continue;
    ++usage.objects;
    usage.bytes += info->size;
    newest = std::max(newest, info->modified);
  }
}

void requireFolder(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    throw UsageError("there is no data folder " + path);
  }
}

RepositoryReport report(const storage::BlobStore& store, const std::string& name,
                        const UsageByRepository& saved) {
  RepositoryReport result;
  result.name = name;
  result.hasConfig = store.find(configFile(name)).has_value();
  result.usage = countRepository(store, name, [] { return false; }).value_or(RepositoryUsage{});
  const auto known = saved.find(name);
  if (known != saved.end()) {
    result.usage.owner = known->second.owner;
    result.usage.lastAccess = known->second.lastAccess;
  }
  return result;
}

}  // namespace

std::vector<std::string> findRepositories(const storage::BlobStore& store) {
  std::vector<std::string> found;
  findBelow(store, "", 0, found);
  return found;
}

std::optional<RepositoryUsage> countRepository(const storage::BlobStore& store,
                                               const std::string& repository,
                                               const std::function<bool()>& stopped) {
  RepositoryUsage usage;
  UnixMicros ignored = 0;
  for (const ObjectType type : kAllTypes) {
    const std::string folder = typeFolder(repository, type);
    TypeUsage& sum = usage.types[indexOf(type)];
    if (type != ObjectType::Data) {
      if (stopped()) return std::nullopt;
      countFolder(store, folder, "", sum,
                  type == ObjectType::Snapshots ? usage.newestSnapshot : ignored);
      continue;
    }
    for (int i = 0; i < 256; ++i) {
      if (stopped()) return std::nullopt;
      const std::string prefix = dataPrefix(i);
      countFolder(store, folder + "/" + prefix, prefix, sum, ignored);
    }
  }
  return usage;
}

UnixMicros findNewestSnapshot(const storage::BlobStore& store, const std::string& repository) {
  TypeUsage ignored;
  UnixMicros newest = 0;
  countFolder(store, typeFolder(repository, ObjectType::Snapshots), "", ignored, newest);
  return newest;
}

std::vector<RepositoryReport> reportRepositories(const std::string& dataFolder,
                                                 storage::Links links) {
  requireFolder(dataFolder);
  const storage::BlobStore store({.root = dataFolder, .links = links});
  const auto saved = loadUsage(dataFolder + "/" + std::string(kUsageFile));
  auto names = findRepositories(store);
  std::sort(names.begin(), names.end());
  std::vector<RepositoryReport> reports;
  for (const std::string& name : names) {
    reports.push_back(report(store, name, saved ? saved->repositories : UsageByRepository{}));
  }
  return reports;
}

RepositoryReport reportRepository(const std::string& dataFolder, const std::string& name,
                                  storage::Links links) {
  requireFolder(dataFolder);
  const storage::BlobStore store({.root = dataFolder, .links = links});
  const auto names = findRepositories(store);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw UsageError("there is no repository \"" + name + "\" in " + dataFolder);
  }
  const auto saved = loadUsage(dataFolder + "/" + std::string(kUsageFile));
  return report(store, name, saved ? saved->repositories : UsageByRepository{});
}

}  // namespace coffer::restic
