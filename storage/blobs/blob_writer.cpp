// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/blob_writer.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "storage/blobs/blob_store.h"
#include "storage/blobs/durable_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace coffer::storage {
namespace {

// How much may wait in memory before it is pushed towards the disk.
constexpr std::uint64_t kWritebackStep = 4 * MiB;

}  // namespace

BlobWriter::BlobWriter(BlobStore& store, std::string path, UniqueFd folder, Hashing hashing)
    : store_(store), path_(std::move(path)), name_(lastNameOf(path_)), folder_(std::move(folder)) {
  if (hashing == Hashing::Sha256) hash_.emplace();
}

BlobWriter::~BlobWriter() {
  if (!tempName_.empty()) ::unlinkat(folder_.get(), tempName_.c_str(), 0);
}

void BlobWriter::openFile() {
  if (!store_.usesNamedTemps() && openUnnamed()) return;
  openNamed();
}

// False where this folder's file system, perhaps another than the root's, has no such files.
bool BlobWriter::openUnnamed() {
  file_.reset(
      ::openat(folder_.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, store_.options_.fileMode));
  if (file_) return true;
  if (errno == ENOTSUP || errno == EISDIR || errno == EINVAL || errno == ENOENT) {
    store_.namedTemps_ = true;
    return false;
  }
  throwSystemFault("create " + store_.absolute(path_));
}

void BlobWriter::openNamed() {
  do {
    tempName_ = name_ + std::string(kTempMark) + toHex(randomBytes(8));
    file_.reset(::openat(folder_.get(), tempName_.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         store_.options_.fileMode));
    if (!file_) {
      const int error = errno;
      tempName_.clear();
      throwSystemFault("create " + store_.absolute(path_), error);
    }
  } while (!claimTemp(file_.get()));
}

void BlobWriter::append(std::string_view bytes) {
  if (hash_) hash_->update(bytes);
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throwSystemFault("write " + store_.absolute(path_));
    size_ += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (size_ - writtenBack_ >= kWritebackStep) startWriteback();
}

void BlobWriter::startWriteback() {
  // Only starts it; what goes wrong is reported by the flush in commit().
  ::sync_file_range(file_.get(), static_cast<off64_t>(writtenBack_),
                    static_cast<off64_t>(size_ - writtenBack_), SYNC_FILE_RANGE_WRITE);
  writtenBack_ = size_;
}

std::string BlobWriter::sha256() {
  if (!hash_) throw std::logic_error("this upload is not hashed");
  return hash_->finish();
}

Commit BlobWriter::commit() {
  flushDescriptor(file_.get(), store_.absolute(path_));
  const Commit result = publish();
  // Also when another writer was first: it may not have come to its own flush yet.
  flushDescriptor(folder_.get(), store_.absolute(parentOf(path_)));
  store_.folders_.flush(store_.root_, parentOf(path_));
  return result;
}

Commit BlobWriter::publish() { return tempName_.empty() ? linkUnnamed() : renameNamed(); }

Commit BlobWriter::linkUnnamed() {
  const std::string self = "/proc/self/fd/" + std::to_string(file_.get());
  if (::linkat(AT_FDCWD, self.c_str(), folder_.get(), name_.c_str(), AT_SYMLINK_FOLLOW) == 0) {
    return Commit::Created;
  }
  if (errno == EEXIST) return Commit::AlreadyThere;
  throwSystemFault("link " + store_.absolute(path_));
}

Commit BlobWriter::renameNamed() {
  const int folder = folder_.get();
  if (::renameat2(folder, tempName_.c_str(), folder, name_.c_str(), RENAME_NOREPLACE) == 0) {
    tempName_.clear();
    return Commit::Created;
  }
  if (errno == EEXIST) return Commit::AlreadyThere;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) {
    throwSystemFault("rename to " + store_.absolute(path_));
  }
  // The file system has no such rename: look, then rename, with no other writer of ours between.
  const std::lock_guard lock(store_.replaceMutex_);
  struct stat info {};
  if (::fstatat(folder, name_.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
    return Commit::AlreadyThere;
  }
  if (::renameat(folder, tempName_.c_str(), folder, name_.c_str()) != 0) {
    throwSystemFault("rename to " + store_.absolute(path_));
  }
  tempName_.clear();
  return Commit::Created;
}

}  // namespace coffer::storage
