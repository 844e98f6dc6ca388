// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/durable_file.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "appliance/base/unique_fd.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace coffer::storage {
namespace {

std::string folderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void writeAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throwSystemFault("write " + path);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// A temporary file beside `target`, removed unless it has become the real one.
class TempFile {
 public:
  explicit TempFile(const std::string& target) {
    do {
      path_ = target + ".coffer-temp" + toHex(randomBytes(8));
      file_.reset(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      if (!file_) {
        const int error = errno;
        const std::string path = std::exchange(path_, {});
        throwSystemFault("create " + path, error);
      }
    } while (!claimTemp(file_.get()));
  }
  ~TempFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const std::string& path() const { return path_; }
  int descriptor() const { return file_.get(); }
  void keep() { path_.clear(); }

 private:
  std::string path_;
  UniqueFd file_;
};

void takeOverOwner(int fd, const std::string& path) {
  if (::geteuid() != 0) return;
  struct stat owner {};
  if (::stat(path.c_str(), &owner) != 0 && ::stat(folderOf(path).c_str(), &owner) != 0) return;
  if (owner.st_uid == 0 && owner.st_gid == 0) return;
  if (::fchown(fd, owner.st_uid, owner.st_gid) != 0) throwSystemFault("chown " + path);
}

}  // namespace

// Where locks do not exist at all, a sweep goes by age, and this is not in doubt.
bool claimTemp(int fd) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  struct stat info {};
  return ::fstat(fd, &info) == 0 && info.st_nlink > 0;
}

void flushDescriptor(int fd, const std::string& what) {
  if (::fsync(fd) == 0) return;
  if (errno != EINVAL && errno != ENOTSUP && errno != ENOTTY) throwSystemFault("fsync " + what);
  static std::atomic<bool> warned{false};
  if (!warned.exchange(true)) {
    log::warning(
        "storage",
        "WARNING: fsync is not supported by the data storage. This can lead to data loss, if "
        "the system crashes or the storage is unexpectedly disconnected.",
        {{"path", what}});
  }
}

void syncDirectory(const std::string& path) {
  const UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) throwSystemFault("open " + path);
  flushDescriptor(folder.get(), path);
}

void replaceFileDurably(const std::string& path, std::string_view bytes, mode_t mode) {
  TempFile temp(path);
  takeOverOwner(temp.descriptor(), path);
  if (::fchmod(temp.descriptor(), mode) != 0) throwSystemFault("chmod " + temp.path());
  writeAll(temp.descriptor(), bytes, temp.path());
  flushDescriptor(temp.descriptor(), temp.path());
  if (::rename(temp.path().c_str(), path.c_str()) != 0) throwSystemFault("rename to " + path);
  temp.keep();
  syncDirectory(folderOf(path));
}

void makeDirectoriesDurably(const std::string& path, mode_t mode) {
  if (path.empty()) return;
  if (::mkdir(path.c_str(), mode) == 0) {
    syncDirectory(folderOf(path));
    return;
  }
  if (errno == EEXIST) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) throwSystemFault("stat " + path);
    if (!S_ISDIR(info.st_mode)) throwSystemFault("mkdir " + path, ENOTDIR);
    return;
  }
  if (errno != ENOENT) throwSystemFault("mkdir " + path);
  const std::string parent = folderOf(path);
  if (parent == path || parent == ".") throwSystemFault("mkdir " + path, ENOENT);
  makeDirectoriesDurably(parent, mode);
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) throwSystemFault("mkdir " + path);
  syncDirectory(parent);
}

std::optional<std::string> readSmallFile(const std::string& path, std::size_t maxBytes) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throwSystemFault("open " + path);
  }
  std::string bytes;
  char piece[16 * 1024];
  for (;;) {
    const ssize_t n = ::read(file.get(), piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throwSystemFault("read " + path);
    if (n == 0) return bytes;
    bytes.append(piece, static_cast<std::size_t>(n));
    if (bytes.size() > maxBytes) {
      throw Fault(FaultKind::Internal, "Internal Server Error",
                  path + " is larger than " + formatByteSize(maxBytes));
    }
  }
}

}  // namespace coffer::storage
