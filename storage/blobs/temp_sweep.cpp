// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/temp_sweep.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "storage/blobs/folder_reader.h"

#include <sys/file.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace coffer::storage {
namespace {

constexpr std::string_view kRestServerMark = ".rest-server-temp";

enum class Abandoned { No, Yes, ByAge };

// "<id>.rest-server-temp<digits>", to the letter: a file of the owner's must not be mistaken for
// one.
bool isRestServerTemp(std::string_view name) {
  const auto mark = name.find(kRestServerMark);
  if (mark != 64) return false;
  const auto digits = name.substr(mark + kRestServerMark.size());
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

// "<name>.coffer-temp<16 hex>".
bool isOwnTemp(std::string_view name) {
  const auto mark = name.rfind(kTempMark);
  if (mark == std::string_view::npos) return false;
  const auto random = name.substr(mark + kTempMark.size());
  return random.size() == 16 &&
         random.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Our writers hold a lock on the file as long as they live. The sweep's own lock is kept in `held`
// until the file is gone, so that a writer which has just made it notices (claimTemp).
Abandoned askForLock(int folder, const char* name, UniqueFd& held) {
  held.reset(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!held) return Abandoned::No;
  if (::flock(held.get(), LOCK_EX | LOCK_NB) == 0) return Abandoned::Yes;
  return errno == EWOULDBLOCK ? Abandoned::No : Abandoned::ByAge;
}

class Sweep {
 public:
  Sweep(BlobStore& store, UnixMicros now, const std::function<bool()>& stopped)
      : store_(store), now_(now), stopped_(stopped) {}

  void folder(const std::string& path, int depth) {
    if (stopped_()) return;
    UniqueFd fd = store_.openFolder(path);
    if (!fd) return;
    std::vector<std::string> below;
    FolderReader reader(std::move(fd));
    FolderReader::Entry entry;
    while (reader.next(entry)) {
      if (isOwnTemp(entry.name) || isRestServerTemp(entry.name)) {
        if (reader.kindOf(entry) == FolderReader::Kind::File) file(path, reader, entry);
      } else if (depth > 0 && entry.kind != FolderReader::Kind::File &&
                 reader.isFolder(entry, store_.root().links())) {
        below.push_back(path.empty() ? std::string(entry.name)
                                     : path + "/" + std::string(entry.name));
      }
    }
    for (const std::string& child : below) guardedFolder(child, depth - 1);
  }

  std::size_t removed() const { return removed_; }

 private:
  void guardedFolder(const std::string& path, int depth) {
    try {
      folder(path, depth);
    } catch (const Fault& fault) {
      log::warning("storage", "Cannot sweep a folder", {{"reason", fault.what()}});
    }
  }

  void file(const std::string& path, const FolderReader& reader, const FolderReader::Entry& entry) {
    auto abandoned = Abandoned::ByAge;
    UniqueFd held;
    if (isOwnTemp(entry.name)) {
      abandoned = askForLock(reader.descriptor(), entry.name.data(), held);
    }
    if (abandoned == Abandoned::No) return;
    if (abandoned == Abandoned::ByAge) {
      const auto info = reader.statFile(entry);
      if (!info || now_ - info->modified < kDay) return;
    }
    if (::unlinkat(reader.descriptor(), entry.name.data(), 0) != 0) return;
    ++removed_;
    log::info("storage", "Removed what an interrupted upload left",
              {{"folder", store_.absolute(path)}, {"name", entry.name}});
  }

  BlobStore& store_;
  UnixMicros now_;
  const std::function<bool()>& stopped_;
  std::size_t removed_ = 0;
};

}  // namespace

std::size_t sweepTemps(BlobStore& store, UnixMicros now, int maxDepth,
                       const std::function<bool()>& stopped) {
  Sweep sweep(store, now, stopped);
  sweep.folder("", maxDepth);
  return sweep.removed();
}

}  // namespace coffer::storage
