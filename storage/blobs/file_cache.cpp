// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/file_cache.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "storage/blobs/folder_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace coffer::storage {
namespace {

constexpr std::uint64_t kBlockBytes = 4096;
constexpr std::size_t kMaxName = 255;

std::uint64_t chargeOf(std::uint64_t size) {
  return std::max<std::uint64_t>(1, (size + kBlockBytes - 1) / kBlockBytes) * kBlockBytes;
}

const std::string& made(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throwSystemFault("mkdir " + folder);
  return folder;
}

void requireName(const std::string& name) {
  if (name.empty() || name.size() > kMaxName || name.front() == '.' ||
      name.find('/') != std::string::npos || name.find('\0') != std::string::npos) {
    throw std::logic_error("not a name for a cached file");
  }
}

// A file without its final name, removed unless it was given one.
class Unfinished {
 public:
  explicit Unfinished(const RootFolder& root)
      : root_(root),
        name_(".new-" + toHex(randomBytes(8))),
        file_(root.open(name_, O_WRONLY | O_CREAT | O_EXCL, 0600)) {
    if (!file_) throwSystemFault("create " + root.absolute(name_));
  }
  ~Unfinished() {
    if (!name_.empty()) ::unlinkat(root_.descriptor(), name_.c_str(), 0);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throwSystemFault("write " + root_.absolute(name_));
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void setTime(UnixMicros time) {
    timespec stamp{};
    stamp.tv_sec = time / kSecond;
    stamp.tv_nsec = time % kSecond * 1000;
    const timespec both[2] = {stamp, stamp};
    if (::futimens(file_.get(), both) != 0) throwSystemFault("futimens " + root_.absolute(name_));
  }
  void become(const std::string& name) {
    const int folder = root_.descriptor();
    if (::renameat(folder, name_.c_str(), folder, name.c_str()) != 0) {
      throwSystemFault("rename " + root_.absolute(name));
    }
    name_.clear();
  }

 private:
  const RootFolder& root_;
  std::string name_;
  UniqueFd file_;
};

struct CachedFile {
  UnixMicros stored;
  std::uint64_t charge;
  std::string name;
};

}  // namespace

FileCache::FileCache(const std::string& folder, std::uint64_t maxBytes, const Clock& clock)
    : maxBytes_(maxBytes), clock_(clock), root_(made(folder)) {}

std::optional<OpenBlob> FileCache::open(const std::string& name) const {
  requireName(name);
  OpenBlob blob{root_.open(name, O_RDONLY), {}};
  if (!blob.file) {
    if (errno == ENOENT || errno == ELOOP) return std::nullopt;
    throwSystemFault("open " + root_.absolute(name));
  }
  struct stat info {};
  if (::fstat(blob.file.get(), &info) != 0) throwSystemFault("stat " + root_.absolute(name));
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  blob.info.size = static_cast<std::uint64_t>(info.st_size);
  blob.info.modified = info.st_mtim.tv_sec * kSecond + info.st_mtim.tv_nsec / 1000;
  return blob;
}

void FileCache::store(const std::string& name, std::string_view bytes) {
  const auto old = open(name);
  Unfinished file(root_);
  file.write(bytes);
  file.setTime(clock_.now());
  file.become(name);
  account(chargeOf(bytes.size()), old ? chargeOf(old->info.size) : 0);
}

// One at a time: who stores a file meanwhile waits for the count, and no reader does.
void FileCache::account(std::uint64_t added, std::uint64_t replaced) {
  std::lock_guard lock(mutex_);
  taken_ = taken_ ? *taken_ - std::min(*taken_, replaced) + added : takenBytes();
  if (*taken_ > maxBytes_) taken_ = evict(maxBytes_ - maxBytes_ / 10);
}

std::uint64_t FileCache::takenBytes() const {
  std::uint64_t sum = 0;
  FolderReader reader(root_.openFolder(""));
  for (FolderReader::Entry entry; reader.next(entry);) {
    if (const auto info = reader.statFile(entry)) sum += chargeOf(info->size);
  }
  return sum;
}

std::uint64_t FileCache::evict(std::uint64_t target) const {
  std::vector<CachedFile> files;
  std::uint64_t sum = 0;
  FolderReader reader(root_.openFolder(""));
  for (FolderReader::Entry entry; reader.next(entry);) {
    const auto info = reader.statFile(entry);
    if (!info) continue;
    files.push_back({info->modified, chargeOf(info->size), std::string(entry.name)});
    sum += files.back().charge;
  }
  std::sort(files.begin(), files.end(),
            [](const CachedFile& a, const CachedFile& b) { return a.stored < b.stored; });
  for (const auto& file : files) {
    if (sum <= target) break;
    if (::unlinkat(root_.descriptor(), file.name.c_str(), 0) == 0) sum -= file.charge;
  }
  return sum;
}

}  // namespace coffer::storage
