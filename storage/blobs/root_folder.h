// SPDX-License-Identifier: BSD-2-Clause
//
// A folder that relative paths cannot leave. Every file is opened from the folder's descriptor with
// openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS); on kernels without it, segment by segment with
// O_NOFOLLOW. A symbolic link anywhere below the root is refused (ELOOP), so that whoever can place
// one there cannot make the server read or write elsewhere. The root itself may be a link.
//
// Links::Folders trusts who can write below the root: a link may stand for a folder, wherever it
// leads, such as a repository moved to another disk. The file at the end of a path is never one.
//
// Paths are relative, '/'-separated, without empty, "." or ".." segments; "" is the root.
// Threads: safe from any thread.
#pragma once

#include "appliance/base/unique_fd.h"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::storage {

// False for anything that is not a relative path as described above.
[[nodiscard]] bool isRelativePath(std::string_view path);

// "a/b/c" → "a/b"; "c" → "".
std::string parentOf(std::string_view path);
std::string lastNameOf(std::string_view path);

enum class Links : std::uint8_t { Refused, Folders };

class RootFolder {
 public:
  enum class Resolver { Kernel, Stepwise };  // Kernel falls back to Stepwise where it must.

  // Opens an existing folder. Throws Fault.
  explicit RootFolder(const std::string& path, Links links = Links::Refused,
                      Resolver resolver = Resolver::Kernel);

  // As open(2), always with O_CLOEXEC, and with O_NOFOLLOW but for an O_DIRECTORY that may be a
  // link. Empty, with errno set, when it cannot.
  UniqueFd open(const std::string& relative, int flags, mode_t mode = 0) const;
  UniqueFd openFolder(const std::string& relative) const;

  int descriptor() const { return root_.get(); }
  const std::string& path() const { return path_; }
  Links links() const { return links_; }
  std::string absolute(std::string_view relative) const;  // For the log.

 private:
  UniqueFd openStepwise(const std::string& relative, int flags, mode_t mode) const;

  std::string path_;
  UniqueFd root_;
  Links links_;
  bool hasOpenat2_;
};

}  // namespace coffer::storage
