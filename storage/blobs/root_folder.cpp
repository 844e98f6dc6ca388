// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/root_folder.h"

#include "appliance/base/fault.h"

#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace coffer::storage {
namespace {

// A link that may be followed leads out of the root on purpose; ".." cannot come from a path.
int openBeneath(int root, const char* path, int flags, mode_t mode, Links links) {
  open_how how{};
  how.flags = static_cast<unsigned int>(flags);
  how.mode = mode;
  how.resolve = RESOLVE_NO_MAGICLINKS;
  if (links == Links::Refused) how.resolve |= RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  for (;;) {
    const long fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
    // EAGAIN: a rename somewhere in the system made the kernel unsure; it asks to be called again.
    if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) return static_cast<int>(fd);
  }
}

}  // namespace

bool isRelativePath(std::string_view path) {
  if (path.empty()) return true;
  for (;;) {
    const auto slash = path.find('/');
    const auto segment = path.substr(0, slash);
    if (segment.empty() || segment == "." || segment == ".." ||
        segment.find('\0') != std::string_view::npos) {
      return false;
    }
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

std::string parentOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

std::string lastNameOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

RootFolder::RootFolder(const std::string& path, Links links, Resolver resolver)
    : path_(path), root_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), links_(links) {
  if (!root_) throwSystemFault("open " + path);
  // Old kernels do not know the call; some container filters forbid what they do not know.
  const UniqueFd probe(openBeneath(root_.get(), ".", O_PATH | O_CLOEXEC, 0, links));
  hasOpenat2_ = probe && resolver == Resolver::Kernel;
}

std::string RootFolder::absolute(std::string_view relative) const {
  return relative.empty() ? path_ : path_ + "/" + std::string(relative);
}

UniqueFd RootFolder::open(const std::string& relative, int flags, mode_t mode) const {
  if (!isRelativePath(relative)) {
    errno = EINVAL;
    return {};
  }
  flags |= O_CLOEXEC;
  const bool mayBeLink = links_ == Links::Folders && (flags & O_DIRECTORY) != 0;
  if (!mayBeLink) flags |= O_NOFOLLOW;
  if (!hasOpenat2_) return openStepwise(relative, flags, mode);
  return UniqueFd(
      openBeneath(root_.get(), relative.empty() ? "." : relative.c_str(), flags, mode, links_));
}

UniqueFd RootFolder::openFolder(const std::string& relative) const {
  return open(relative, O_RDONLY | O_DIRECTORY);
}

UniqueFd RootFolder::openStepwise(const std::string& relative, int flags, mode_t mode) const {
  if (relative.empty()) return UniqueFd(::openat(root_.get(), ".", flags, mode));
  const int folderFlags =
      O_PATH | O_DIRECTORY | O_CLOEXEC | (links_ == Links::Refused ? O_NOFOLLOW : 0);
  UniqueFd folder;
  int at = root_.get();
  std::size_t begin = 0;
  for (auto slash = relative.find('/'); slash != std::string::npos;
       begin = slash + 1, slash = relative.find('/', begin)) {
    const std::string segment = relative.substr(begin, slash - begin);
    UniqueFd next(::openat(at, segment.c_str(), folderFlags));
    if (!next) return {};
    folder = std::move(next);
    at = folder.get();
  }
  return UniqueFd(::openat(at, relative.c_str() + begin, flags, mode));
}

}  // namespace coffer::storage
