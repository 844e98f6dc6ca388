// SPDX-License-Identifier: BSD-2-Clause
//
// Apache's password file, one "user:hash" a line, read forgivingly: a line that cannot be used is
// reported and skipped, and never keeps the others out. Blank lines and those whose first character
// that is not a blank is '#' are skipped, blanks around a field dropped, a third field ignored,
// CRLF and a byte order mark taken. Of two lines for one user the last one counts.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::restic {

struct HtpasswdIssue {
  std::size_t line = 0;  // From 1.
  std::string text;      // Never holds a hash.
};

struct Htpasswd {
  std::map<std::string, std::string> hashes;  // user → hash of a usable kind
  std::vector<HtpasswdIssue> issues;
};

Htpasswd parseHtpasswd(std::string_view text);

// Letters of any script, digits, '_', '-', '.' and '@'; at least one.
[[nodiscard]] bool isUserName(std::string_view name);

// What one line says, also for the editor, which keeps every other line as it is.
struct HtpasswdLine {
  std::string_view user;  // "" for a comment, a blank line, or one without a colon.
  std::string_view hash;
  bool isEntry = false;
  bool isSkipped = false;  // Blank or a comment.
};
HtpasswdLine splitHtpasswdLine(std::string_view line);

}  // namespace coffer::restic
