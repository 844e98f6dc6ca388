// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/blob_store.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "storage/blobs/durable_file.h"
#include "storage/blobs/folder_reader.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace coffer::storage {
namespace {

// Below this an upload simply runs into the full disk; it is not worth asking beforehand.
constexpr std::uint64_t kWorthAsking = 1 * MiB;

// A name that cannot exist is an absent one. ELOOP: a link, which is never followed.
bool meansAbsent(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
}

std::string preparedRoot(const BlobStoreOptions& options) {
  makeDirectoriesDurably(options.root, options.folderMode);
  return options.root;
}

BlobInfo infoOf(const struct stat& info) {
  return {static_cast<std::uint64_t>(info.st_size),
          info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec / 1000};
}

void refuseWhatCannotFit(int folder, std::uint64_t announced, const std::string& path) {
  struct statvfs disk {};
  if (::fstatvfs(folder, &disk) != 0 || disk.f_blocks == 0) return;  // It does not say: try.
  const std::uint64_t blocks = ::geteuid() == 0 ? disk.f_bfree : disk.f_bavail;
  const std::uint64_t free = blocks * disk.f_frsize;
  if (announced <= free) return;
  throw InsufficientStorage(
      "Insufficient Storage",
      path + ": " + formatByteSize(announced) + " announced, " + formatByteSize(free) + " free");
}

}  // namespace

BlobStore::BlobStore(BlobStoreOptions options)
    : options_(std::move(options)), root_(preparedRoot(options_), options_.links) {}

std::unique_ptr<BlobWriter> BlobStore::create(const std::string& path,
                                              std::optional<std::uint64_t> announced,
                                              Hashing hashing) {
  UniqueFd folder = openOrMakeFolder(parentOf(path));
  if (announced && *announced >= kWorthAsking) {
    refuseWhatCannotFit(folder.get(), *announced, absolute(path));
  }
  std::unique_ptr<BlobWriter> writer(new BlobWriter(*this, path, std::move(folder), hashing));
  writer->openFile();
  return writer;
}

std::optional<BlobInfo> BlobStore::find(const std::string& path) const {
  const UniqueFd file = root_.open(path, O_PATH);
  if (!file) {
    if (meansAbsent(errno)) return std::nullopt;
    throwSystemFault("stat " + absolute(path));
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throwSystemFault("stat " + absolute(path));
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  return infoOf(info);
}

std::optional<OpenBlob> BlobStore::open(const std::string& path) const {
  // O_NONBLOCK: a pipe of that name must not hold the thread. It means nothing for a file.
  UniqueFd file = root_.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    if (meansAbsent(errno) || errno == ENXIO) return std::nullopt;
    throwSystemFault("open " + absolute(path));
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throwSystemFault("stat " + absolute(path));
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  return OpenBlob{std::move(file), infoOf(info)};
}

std::optional<BlobInfo> BlobStore::remove(const std::string& path) {
  const UniqueFd folder = root_.open(parentOf(path), O_PATH | O_DIRECTORY);
  if (!folder) {
    if (meansAbsent(errno)) return std::nullopt;
    throwSystemFault("open " + absolute(parentOf(path)));
  }
  const std::string name = lastNameOf(path);
  struct stat info {};
  if (::fstatat(folder.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (meansAbsent(errno)) return std::nullopt;
    throwSystemFault("stat " + absolute(path));
  }
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0) {
    if (errno == ENOENT) return std::nullopt;
    throwSystemFault("unlink " + absolute(path));
  }
  return infoOf(info);
}

void BlobStore::makeDurable(const std::string& path) {
  const UniqueFd file = root_.open(path, O_RDONLY | O_NONBLOCK);
  if (!file) throwSystemFault("open " + absolute(path));
  flushDescriptor(file.get(), absolute(path));
  const std::string parent = parentOf(path);
  const UniqueFd folder = root_.openFolder(parent);
  if (!folder) throwSystemFault("open " + absolute(parent));
  flushDescriptor(folder.get(), absolute(parent));
  folders_.flush(root_, parent);
}

void BlobStore::makeFolder(const std::string& path) {
  if (path.empty()) return;
  const std::string parent = parentOf(path);
  UniqueFd folder = root_.open(parent, O_PATH | O_DIRECTORY);
  if (!folder && errno == ENOENT) {
    makeFolder(parent);
    folder = root_.open(parent, O_PATH | O_DIRECTORY);
  }
  if (!folder) throwSystemFault("open " + absolute(parent));
  folders_.forget(path);
  if (::mkdirat(folder.get(), lastNameOf(path).c_str(), options_.folderMode) == 0) {
    folders_.forget(path);
  } else if (errno != EEXIST) {
    throwSystemFault("mkdir " + absolute(path));
  }
}

void BlobStore::makeFolders(std::span<const std::string> paths) {
  for (const std::string& path : paths) {
    if (!folderExists(path)) makeFolder(path);
    if (!folderExists(path)) throwSystemFault("mkdir " + absolute(path), ENOTDIR);
  }
  // All are made before the first flush, so that folders beside each other share it.
  folders_.flushAll(root_, paths);
}

UniqueFd BlobStore::openOrMakeFolder(const std::string& path) {
  UniqueFd folder = root_.openFolder(path);
  if (!folder && errno == ENOENT) {
    makeFolder(path);
    folder = root_.openFolder(path);
  }
  if (!folder) throwSystemFault("open " + absolute(path));
  return folder;
}

bool BlobStore::folderExists(const std::string& path) const {
  return static_cast<bool>(root_.open(path, O_PATH | O_DIRECTORY));
}

UniqueFd BlobStore::openFolder(const std::string& path) const {
  UniqueFd folder = root_.openFolder(path);
  if (!folder && !meansAbsent(errno)) throwSystemFault("open " + absolute(path));
  return folder;
}

void BlobStore::removeTree(const std::string& path, const std::function<bool()>& stopped) {
  if (path.empty()) throw std::logic_error("a store does not remove its own root");
  const UniqueFd parent = root_.open(parentOf(path), O_PATH | O_DIRECTORY);
  const std::string name = lastNameOf(path);
  if (!parent || ::unlinkat(parent.get(), name.c_str(), 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR && errno != EPERM) throwSystemFault("unlink " + absolute(path));
  // Names are read first and removed afterwards: removing while reading may skip some.
  for (bool again = true; again;) {
    std::vector<std::string> names;
    UniqueFd folder(
        ::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder && meansAbsent(errno)) return;
    if (!folder) throwSystemFault("open " + absolute(path));
    FolderReader reader(std::move(folder));
    FolderReader::Entry entry;
    while (names.size() < 1024 && reader.next(entry)) names.emplace_back(entry.name);
    again = !names.empty();
    for (const std::string& child : names) {
      if (stopped && stopped()) return;
      removeTree(path + "/" + child, stopped);
    }
  }
  if (stopped && stopped()) return;
  if (::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) {
    throwSystemFault("rmdir " + absolute(path));
  }
}

void BlobStore::removeEmptyFolder(const std::string& path) {
  if (path.empty()) return;
  const UniqueFd parent = root_.open(parentOf(path), O_PATH | O_DIRECTORY);
  if (parent) ::unlinkat(parent.get(), lastNameOf(path).c_str(), AT_REMOVEDIR);
}

bool BlobStore::move(const std::string& from, const std::string& to) {
  const UniqueFd source = root_.openFolder(parentOf(from));
  if (!source) return false;
  const UniqueFd target = openOrMakeFolder(parentOf(to));
  if (::renameat(source.get(), lastNameOf(from).c_str(), target.get(), lastNameOf(to).c_str()) !=
      0) {
    if (errno == ENOENT) return false;
    throwSystemFault("rename " + absolute(from) + " to " + absolute(to));
  }
  folders_.forget(to);
  flushDescriptor(target.get(), absolute(parentOf(to)));
  flushDescriptor(source.get(), absolute(parentOf(from)));
  return true;
}

bool BlobStore::usesNamedTemps() {
  std::call_once(probed_, [this] {
    if (options_.temps == TempNames::WhenNeeded && probeUnnamedTemps()) return;
    namedTemps_ = true;
    if (options_.temps == TempNames::Always) return;
    log::warning("storage",
                 "This file system has no unnamed temporary files; uploads use named ones",
                 {{"path", root_.path()}});
  });
  return namedTemps_;
}

// Goes the whole way once, name included: O_TMPFILE works on more file systems than linkat() does.
bool BlobStore::probeUnnamedTemps() const {
  const UniqueFd file = root_.open("", O_TMPFILE | O_WRONLY, options_.fileMode);
  if (!file) return false;
  const std::string name = std::string(kTempMark) + toHex(randomBytes(8));
  const std::string self = "/proc/self/fd/" + std::to_string(file.get());
  const int linked =
      ::linkat(AT_FDCWD, self.c_str(), root_.descriptor(), name.c_str(), AT_SYMLINK_FOLLOW);
  if (linked == 0) ::unlinkat(root_.descriptor(), name.c_str(), 0);
  return linked == 0;
}

}  // namespace coffer::storage
