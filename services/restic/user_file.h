// SPDX-License-Identifier: BSD-2-Clause
//
// The users of a password file, kept current: the file is looked at when somebody logs in (at most
// four times a second for those whose password is remembered), and read again when it has
// changed. When it cannot be read, the users that were known stay.
//
// Threads: safe from any thread; a set of users that was handed out never changes.
#pragma once

#include "services/restic/htpasswd_file.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace coffer::restic {

struct Users {
  std::map<std::string, std::string> hashes;
  // A hash of the commonest kind and cost that nobody's password has, checked for unknown names so
  // that they take as long as known ones. "" when there are no users at all.
  std::string decoy;
};

class UserFile {
 public:
  enum class WhenMissing { Refuse, NoUsers };

  // Reads the file. Throws UsageError ("cannot load FILE (use --no-auth to disable): reason") when
  // that fails, or when it is missing and that is to be refused.
  UserFile(std::string path, WhenMissing whenMissing);

  std::shared_ptr<const Users> current();  // Looks at the file first, when it is time.
  std::shared_ptr<const Users> latest();   // Looks at the file first, in any case.
  void reload();                           // For SIGHUP: reads it now.

 private:
  // What stat(2) says; another file or another version of it differs in some of these.
  struct Version {
    bool exists = false;
    std::uint64_t inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  // Nanoseconds.
    bool operator==(const Version&) const = default;
  };

  Version look() const;
  std::shared_ptr<const Users> read() const;
  void refresh(bool force);

  const std::string path_;
  std::atomic<std::int64_t> nextLook_{0};  // steady_clock, nanoseconds
  std::mutex refreshing_;                  // Guards version_; one thread reads, the others go on.
  Version version_;
  mutable std::mutex usersMutex_;
  std::shared_ptr<const Users> users_;
};

}  // namespace coffer::restic
