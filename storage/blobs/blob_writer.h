// SPDX-License-Identifier: BSD-2-Clause
//
// One upload on its way into a BlobStore. Where the file system can (O_TMPFILE), the file has no
// name until it is complete, so a crash leaves nothing behind; elsewhere it is
// "<name>.coffer-temp<random>" in the target's folder, locked with flock(2) while it is written.
//
// Threads: one at a time. Lifetime: not longer than the store. Destroyed without a successful
// commit(), it removes what it wrote and never touches the final name.
#pragma once

#include "appliance/base/digest.h"
#include "appliance/base/unique_fd.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {

class BlobStore;

enum class Hashing { None, Sha256 };
enum class Commit { Created, AlreadyThere };

class BlobWriter {
 public:
  ~BlobWriter();
  BlobWriter(const BlobWriter&) = delete;
  BlobWriter& operator=(const BlobWriter&) = delete;

  // Starts writing back early, so that the flush in commit() is short and one large upload does not
  // stall a slow card for everybody. May wait for the disk when the kernel holds too much already.
  void append(std::string_view bytes);
  std::uint64_t size() const { return size_; }

  // Raw SHA-256 of everything appended. Only with Hashing::Sha256, once, after the last append.
  std::string sha256();

  // Flushes the content, gives it its name unless that is taken, and flushes the folders. Once.
  [[nodiscard]] Commit commit();

 private:
  friend class BlobStore;
  BlobWriter(BlobStore& store, std::string path, UniqueFd folder, Hashing hashing);
  void openFile();
  bool openUnnamed();
  void openNamed();
  void startWriteback();
  Commit publish();
  Commit linkUnnamed();
  Commit renameNamed();

  BlobStore& store_;
  std::string path_;      // Relative to the store.
  std::string name_;      // Last segment.
  std::string tempName_;  // "" while the file has no name.
  UniqueFd folder_;
  UniqueFd file_;
  std::optional<Sha256> hash_;
  std::uint64_t size_ = 0;
  std::uint64_t writtenBack_ = 0;
};

}  // namespace coffer::storage
