// SPDX-License-Identifier: BSD-2-Clause
//
// A folder of small files that could be made again: what was fetched from elsewhere. It never grows
// beyond a limit; the oldest files go first.
//
// Durability  None: nothing is flushed, for the sake of SD cards. After a power cut a file may be
//             missing or empty, never partly another's.
// Names       One path segment of at most 255 bytes that does not begin with a dot.
// Memory      Constant, however many files there are. The folder is read once when the first file
//             is stored, and once for every tenth of the limit that comes in after it was reached.
// Threads     Safe from any thread. Of two writers of one name the later one stands.
#pragma once

#include "appliance/base/clock.h"
#include "storage/blobs/blob_store.h"
#include "storage/blobs/root_folder.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {

class FileCache {
 public:
  // Makes the folder when it is missing. `maxBytes` counts whole blocks of the disk, as each file
  // takes at least one, and an empty one its entry. The clock must outlive the cache.
  FileCache(const std::string& folder, std::uint64_t maxBytes, const Clock& clock);

  // For reading; `modified` is when it was stored. Nothing when there is none.
  std::optional<OpenBlob> open(const std::string& name) const;

  // Throws InsufficientStorage and Fault; then nothing has changed.
  void store(const std::string& name, std::string_view bytes);

 private:
  void account(std::uint64_t added, std::uint64_t replaced);
  std::uint64_t takenBytes() const;
  std::uint64_t evict(std::uint64_t target) const;

  const std::uint64_t maxBytes_;
  const Clock& clock_;
  const RootFolder root_;

  std::mutex mutex_;  // Held while files are counted or removed; protects what follows.
  std::optional<std::uint64_t> taken_;
};

}  // namespace coffer::storage
