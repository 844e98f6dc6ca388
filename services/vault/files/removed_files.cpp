// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/removed_files.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "services/vault/vault_context.h"
#include "storage/blobs/blob_store.h"
#include "storage/database/database.h"
#include "storage/stores/removed_file_store.h"

#include <algorithm>
#include <string>
#include <vector>

namespace coffer::vault {
namespace {

// In one transaction, so that many notes cost one flush.
constexpr std::size_t kBatch = 256;

// False, and logged, when the disk refuses: the note stays for the next time.
bool removeFile(const VaultContext& context, const std::string& path) {
  try {
    if (context.files.remove(path)) log::debug("vault", "file removed", {{"file", path}});
    return true;
  } catch (const Fault& fault) {
    log::warning("vault", "a file cannot be removed", {{"file", path}, {"error", fault.what()}});
    return false;
  }
}

void removeFiles(const VaultContext& context, std::size_t most, std::uint64_t& removed) {
  std::string after;
  while (removed < most) {
    const auto wanted = std::min<std::size_t>(kBatch, most - removed);
    const auto paths = context.database.read([&](storage::Transaction& tx) {
      return storage::RemovedFileStore(tx).list(after, wanted);
    });
    if (paths.empty()) break;
    after = paths.back();
    std::vector<std::string> gone;
    for (const auto& path : paths)
      if (removeFile(context, path)) gone.push_back(path);
    // The removal may not be on the disk yet when its note is gone: after a power cut the sweep
    // finds the file.
    context.database.write(
        [&](storage::Transaction& tx) { storage::RemovedFileStore(tx).forget(gone); });
    removed += gone.size();
  }
}

}  // namespace

std::uint64_t removeFilesOfRemovedRows(const VaultContext& context, std::size_t most) {
  std::uint64_t removed = 0;
  try {
    removeFiles(context, most, removed);
  } catch (const Fault& fault) {
    log::warning("vault", "files of removed rows stay for now", {{"error", fault.what()}});
  }
  return removed;
}

}  // namespace coffer::vault
