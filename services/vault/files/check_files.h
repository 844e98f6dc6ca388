// SPDX-License-Identifier: BSD-2-Clause
//
// Whether what rows say about files is true of the disk: for `coffer check`. Changes nothing, and
// may run beside a server: what looks wrong is asked a second time, since it may just be changing.
#pragma once

#include "appliance/base/clock.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace coffer::storage {
class BlobStore;
class Database;
}  // namespace coffer::storage

namespace coffer::vault {

struct FileProblem {
  enum class Kind {
    Missing,    // A row says that it is there.
    WrongSize,  // Another one than the row says.
    Unknown,    // Nothing belongs to it, no removal is under way, and it is older than a day: the
                // sweep should have come.
  };
  Kind kind = Kind::Missing;
  std::string path;            // Below the vault's folder.
  std::uint64_t expected = 0;  // Bytes, of Missing and WrongSize.
  std::uint64_t found = 0;     // Bytes, of WrongSize and Unknown.
};

struct FileReport {
  std::uint64_t files = 0;  // That rows speak of.
  std::uint64_t bytes = 0;
  // On the disk without a row, and nothing to worry about: young, so that it is of an upload that
  // is just ending, or of one that a crash cut off; or of a row that was removed, and the job that
  // takes its file away has still to come.
  std::uint64_t leftovers = 0;
  std::vector<FileProblem> problems;
};

// "missing", "wrong size", "unknown".
const char* nameOf(FileProblem::Kind kind);

// `progress` is told now and then how many files have been looked at; may be empty.
FileReport checkFiles(storage::Database& database, const storage::BlobStore& files, UnixMicros now,
                      const std::function<void(std::uint64_t)>& progress);

}  // namespace coffer::vault
