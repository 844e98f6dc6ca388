// SPDX-License-Identifier: BSD-2-Clause
//
// Remembers which folders' names are on the disk. A file is only as durable as every folder above
// it, and flushing all of them for every upload would be waste: each is flushed once in the life of
// the process, and again after it has been made anew.
//
// Threads: safe from any thread. Memory: bounded; forgetting only costs another flush.
#pragma once

#include "appliance/base/guarded.h"
#include "storage/blobs/root_folder.h"

#include <span>
#include <string>
#include <unordered_set>

namespace coffer::storage {

class DurableFolders {
 public:
  // To be called before and after a folder is made: whatever was known of it no longer holds.
  void forget(const std::string& path);

  // Flushes the name of `path` and of every folder above it, up to the root, where not yet done.
  // The root's own name was flushed when it was made. Throws Fault.
  void flush(const RootFolder& root, const std::string& path);
  // The same for many, flushing each folder that holds some of them once.
  void flushAll(const RootFolder& root, std::span<const std::string> paths);

 private:
  [[nodiscard]] bool isFlushed(const std::string& path);
  void remember(const std::string& path);

  Guarded<std::unordered_set<std::string>> flushed_;
};

}  // namespace coffer::storage
