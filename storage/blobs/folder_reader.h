// SPDX-License-Identifier: BSD-2-Clause
//
// Reads a folder's names in constant memory, as fast as the kernel hands them over (getdents64),
// with sizes on request. Order is the file system's. "." and ".." are left out.
//
// Threads: one at a time. A name that is added or removed meanwhile may or may not be seen.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/unique_fd.h"
#include "storage/blobs/root_folder.h"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace coffer::storage {

class FolderReader {
 public:
  enum class Kind { File, Folder, Other, Unknown };  // Unknown: the file system does not say.
  struct Entry {
    std::string_view name;  // Valid until the next call. Ends with a NUL behind it.
    Kind kind = Kind::Unknown;
  };
  struct FileInfo {
    std::uint64_t size = 0;
    UnixMicros modified = 0;
  };

  explicit FolderReader(UniqueFd folder);

  // False at the end. Throws Fault.
  [[nodiscard]] bool next(Entry& entry);

  // Size of the entry last returned; nothing when it has vanished or is no regular file.
  std::optional<FileInfo> statFile(const Entry& entry) const;
  // What the entry is, asking the disk where the kind is Unknown. Links are Other.
  Kind kindOf(const Entry& entry) const;
  // True for a folder, and for a link to one where `links` says so.
  [[nodiscard]] bool isFolder(const Entry& entry, Links links) const;

  // When a name was last added or removed. Throws Fault.
  UnixMicros modified() const;

  int descriptor() const { return folder_.get(); }

 private:
  UniqueFd folder_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

}  // namespace coffer::storage
