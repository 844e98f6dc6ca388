// SPDX-License-Identifier: BSD-2-Clause
//
// Changes a password file for `coffer restic user …`. Every line that is not the user's stays as it
// is, comments and unknown ones included. Writes are durable and atomic; a running server notices
// by itself. Two editors at once: the later one wins, so scripts should take turns.
#pragma once

#include "services/restic/htpasswd_file.h"
#include "services/restic/password_hash.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::restic {

class HtpasswdEditor {
 public:
  explicit HtpasswdEditor(std::string path) : path_(std::move(path)) {}

  enum class Change { Added, Replaced };
  // Makes the file (0640) when there is none. Throws UsageError for a name or password that cannot
  // be used (password_hash.h), Fault when the file cannot be read or written.
  Change setPassword(const std::string& user, std::string_view password,
                     int cost = kDefaultBcryptCost);

  [[nodiscard]] bool remove(const std::string& user);  // False when there is no such user.

  struct User {
    std::string name;
    HashKind kind = HashKind::Unusable;
  };
  std::vector<User> list() const;  // As the file has them; the last line of a user counts.

  enum class Verdict { Right, Wrong, NoSuchUser };
  Verdict verify(const std::string& user, std::string_view password) const;

 private:
  std::string read() const;
  void write(const std::string& text) const;

  std::string path_;
};

}  // namespace coffer::restic
