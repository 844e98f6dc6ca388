// SPDX-License-Identifier: BSD-2-Clause
//
// The process itself: memory, limits, signals, and the one instance that may use a data folder.
#pragma once

#include "appliance/base/unique_fd.h"

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace coffer::runtime {

// Keeps malloc to two arenas and lets it give memory back, so that a burst does not stay resident.
// First thing in the program: an arena once made is never given up.
void limitMemory();

// Descriptors up to the hard limit; a broken pipe is an error code and not a signal.
void prepareProcess();

// Adds bits to the umask: 077 leaves new files to their owner alone. Call before there are threads.
void tightenUmask(mode_t bits);

// Blocks SIGTERM, SIGINT and SIGHUP in this thread and all it will start. waitForSignal() is then
// the only place where they arrive. Call before any thread exists.
void blockSignals();
enum class Signal { Stop, Reload };
Signal waitForSignal();

// As root: becomes the user and group that own the nearest existing folder of `path`, so that what
// a command writes beside a running server is the server's to read. Else nothing. Throws
// UsageError.
void becomeOwnerOf(const std::filesystem::path& path);

// Makes the folder (0700) where it is missing and holds <folder>/.lock until destroyed: two servers
// over the same data would each believe to be the only writer.
class DataDirLock {
 public:
  // Throws UsageError: the folder cannot be used, or the process that holds it is named.
  explicit DataDirLock(const std::filesystem::path& folder);

 private:
  UniqueFd lock_;
};

}  // namespace coffer::runtime
