// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/htpasswd_file.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "services/restic/password_hash.h"

#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>
#include <Poco/Unicode.h>

namespace coffer::restic {
namespace {

bool isAsciiNameCharacter(int c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-' || c == '.' || c == '@';
}

std::string invalidName(std::string_view user) {
  return "Ignoring invalid username \"" + log::escaped(user) +
         "\" in htpasswd, consists of characters other than letters, numbers, '_', '-', '.' and "
         "'@'";
}

}  // namespace

bool isUserName(std::string_view name) {
  if (name.empty() || !isUtf8(name)) return false;
  const std::string text(name);
  const Poco::UTF8Encoding utf8;
  const Poco::TextIterator end(text);
  for (Poco::TextIterator c(text, utf8); c != end; ++c) {
    if (*c < 0x80 ? !isAsciiNameCharacter(*c) : !Poco::Unicode::isAlpha(*c)) return false;
  }
  return true;
}

HtpasswdLine splitHtpasswdLine(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.front() == '#') return {.user = {}, .hash = {}, .isSkipped = true};
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  const auto rest = line.substr(colon + 1);
  return {.user = trim(line.substr(0, colon)),
          .hash = trim(rest.substr(0, rest.find(':'))),
          .isEntry = true};
}

Htpasswd parseHtpasswd(std::string_view text) {
  Htpasswd file;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const HtpasswdLine line = splitHtpasswdLine(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.isSkipped) continue;
    if (!line.isEntry) {
      file.issues.push_back({number, "Ignoring a line without a colon in htpasswd"});
    } else if (!isUserName(line.user)) {
      file.issues.push_back({number, invalidName(line.user)});
    } else if (kindOfHash(line.hash) == HashKind::Unusable) {
      // Removes the user as well: the last line counts, and this one lets nobody in.
      file.hashes.erase(std::string(line.user));
      file.issues.push_back(
          {number,
           "The password of \"" + std::string(line.user) +
               "\" in htpasswd is hashed in a way that is not supported, or malformed; this "
               "user cannot log in. Set it again with: htpasswd -B"});
    } else {
      file.hashes[std::string(line.user)] = std::string(line.hash);
    }
  }
  return file;
}

}  // namespace coffer::restic
