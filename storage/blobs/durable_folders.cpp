// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/durable_folders.h"

#include "appliance/base/fault.h"
#include "storage/blobs/durable_file.h"

#include <map>
#include <vector>

namespace coffer::storage {
namespace {
constexpr std::size_t kMostRemembered = 65'536;
}

void DurableFolders::forget(const std::string& path) {
  flushed_.with([&](auto& known) { known.erase(path); });
}

void DurableFolders::flush(const RootFolder& root, const std::string& path) {
  flushAll(root, std::span(&path, 1));
}

void DurableFolders::flushAll(const RootFolder& root, std::span<const std::string> paths) {
  std::map<std::string, std::vector<std::string>> byParent;
  for (const std::string& path : paths) {
    if (!path.empty() && !isFlushed(path)) byParent[parentOf(path)].push_back(path);
  }
  for (const auto& [parent, children] : byParent) {
    flush(root, parent);
    const UniqueFd folder = root.openFolder(parent);
    if (!folder) throwSystemFault("open " + root.absolute(parent));
    flushDescriptor(folder.get(), root.absolute(parent));
    for (const std::string& child : children) remember(child);
  }
}

bool DurableFolders::isFlushed(const std::string& path) {
  return flushed_.with([&](auto& known) { return known.contains(path); });
}

void DurableFolders::remember(const std::string& path) {
  flushed_.with([&](auto& known) {
    if (known.size() >= kMostRemembered) known.clear();
    known.insert(path);
  });
}

}  // namespace coffer::storage
