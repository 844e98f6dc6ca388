// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/folder_reader.h"

#include "appliance/base/fault.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace coffer::storage {
namespace {

constexpr std::size_t kBufferBytes = 32 * 1024;

// What getdents64(2) writes; glibc has no declaration for it.
struct KernelEntry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t recordBytes;
  std::uint8_t type;
  char name[1];
};

FolderReader::Kind kindOfType(std::uint8_t type) {
  switch (type) {
    case DT_REG:
      return FolderReader::Kind::File;
    case DT_DIR:
      return FolderReader::Kind::Folder;
    case DT_UNKNOWN:
      return FolderReader::Kind::Unknown;
    default:
      return FolderReader::Kind::Other;
  }
}

}  // namespace

FolderReader::FolderReader(UniqueFd folder) : folder_(std::move(folder)), buffer_(kBufferBytes) {}

bool FolderReader::next(Entry& entry) {
  for (;;) {
    if (at_ == end_) {
      const long n = ::syscall(SYS_getdents64, folder_.get(), buffer_.data(), buffer_.size());
      if (n < 0 && errno == ENOENT) return false;  // The folder itself was removed meanwhile.
      if (n < 0) throwSystemFault("getdents64");
      if (n == 0) return false;
      at_ = 0;
      end_ = static_cast<std::size_t>(n);
    }
    const char* record = buffer_.data() + at_;
    std::uint16_t recordBytes = 0;
    std::memcpy(&recordBytes, record + offsetof(KernelEntry, recordBytes), sizeof recordBytes);
    at_ += recordBytes;
    const std::string_view name(record + offsetof(KernelEntry, name));
    if (name == "." || name == "..") continue;
    entry.name = name;
    entry.kind = kindOfType(static_cast<std::uint8_t>(record[offsetof(KernelEntry, type)]));
    return true;
  }
}

std::optional<FolderReader::FileInfo> FolderReader::statFile(const Entry& entry) const {
  struct stat info {};
  if (::fstatat(folder_.get(), entry.name.data(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    throwSystemFault("stat " + std::string(entry.name));
  }
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  return FileInfo{static_cast<std::uint64_t>(info.st_size),
                  info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec / 1000};
}

UnixMicros FolderReader::modified() const {
  struct stat info {};
  if (::fstat(folder_.get(), &info) != 0) throwSystemFault("stat a folder");
  return info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec / 1000;
}

FolderReader::Kind FolderReader::kindOf(const Entry& entry) const {
  if (entry.kind != Kind::Unknown) return entry.kind;
  struct stat info {};
  if (::fstatat(folder_.get(), entry.name.data(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return Kind::Other;
  }
  if (S_ISREG(info.st_mode)) return Kind::File;
  return S_ISDIR(info.st_mode) ? Kind::Folder : Kind::Other;
}

bool FolderReader::isFolder(const Entry& entry, Links links) const {
  const Kind kind = kindOf(entry);
  if (kind != Kind::Other || links == Links::Refused) return kind == Kind::Folder;
  struct stat info {};
  return ::fstatat(folder_.get(), entry.name.data(), &info, 0) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace coffer::storage
