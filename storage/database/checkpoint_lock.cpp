// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/checkpoint_lock.h"

#include "appliance/base/fault.h"

#include <cerrno>
#include <fcntl.h>

namespace coffer::storage {
namespace {

constexpr off_t kOwner = 0;    // Held exclusively by the process that checkpoints.
constexpr off_t kVisitor = 1;  // Held shared by every other, exclusively during a checkpoint.

int setLock(int fd, int command, short type, off_t byte) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  int result;
  do {
    result = ::fcntl(fd, command, &lock);
  } while (result != 0 && errno == EINTR);
  return result;
}

}  // namespace

CheckpointLock::CheckpointLock(const std::filesystem::path& database) {
  const std::string name = database.string() + "-lock";
  fd_.reset(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd_) throwSystemFault("open " + name);
  owner_ = tryLock(F_WRLCK, kOwner);
  if (!owner_ && setLock(fd_.get(), F_OFD_SETLKW, F_RDLCK, kVisitor) != 0) {
    throwSystemFault("lock " + name);
  }
}

bool CheckpointLock::tryLock(short type, off_t byte) {
  return setLock(fd_.get(), F_OFD_SETLK, type, byte) == 0;
}

bool CheckpointLock::begin() {
  if (!owner_) {
    owner_ = tryLock(F_WRLCK, kOwner);  // The owner may be gone.
    if (!owner_) return false;
  }
  if (tryLock(F_WRLCK, kVisitor)) return true;
  (void)tryLock(F_UNLCK, kVisitor);
  return false;
}

void CheckpointLock::end() { (void)tryLock(F_UNLCK, kVisitor); }

}  // namespace coffer::storage
