// SPDX-License-Identifier: BSD-2-Clause
//
// Finds the repositories of a data folder and counts what they hold, from the disk alone. Used by
// the running server to check its ledger and by `coffer restic repository list|stat`, which need no
// server. Reads only; cost grows with the number of objects.
#pragma once

#include "services/restic/usage.h"
#include "storage/blobs/blob_store.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace coffer::restic {

// Folders, at most two deep, that hold a config or a folder named like a type of object; "" when
// the root is one. Ours (".coffer") is left out, and so are links unless the store follows them. In
// no particular order.
std::vector<std::string> findRepositories(const storage::BlobStore& store);

// Nothing when `stopped` said so in the middle. A repository that is not there counts as empty.
std::optional<RepositoryUsage> countRepository(const storage::BlobStore& store,
                                               const std::string& repository,
                                               const std::function<bool()>& stopped);

// When the newest snapshot was stored; 0 when there is none.
UnixMicros findNewestSnapshot(const storage::BlobStore& store, const std::string& repository);

struct RepositoryReport {
  std::string name;        // "" is the root.
  bool hasConfig = false;  // Without one, restic does not take it for a repository.
  RepositoryUsage usage;   // The owner and the last access are the running server's last word.
};

// For the command line. Throws UsageError when `dataFolder` is no folder, or has no such
// repository.
std::vector<RepositoryReport> reportRepositories(const std::string& dataFolder,
                                                 storage::Links links);
RepositoryReport reportRepository(const std::string& dataFolder, const std::string& name,
                                  storage::Links links);

}  // namespace coffer::restic
