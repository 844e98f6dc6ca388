// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/htpasswd_editor.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/restic/object_path.h"
#include "storage/blobs/durable_file.h"

#include <sys/stat.h>

namespace coffer::restic {
namespace {

constexpr std::size_t kMaxFileBytes = 16 * MiB;
constexpr mode_t kNewFileMode = 0640;

// Calls `keep(line)` for each line with its newline; appends those it returns true for.
template <typename Keep>
std::string filterLines(std::string_view text, Keep&& keep) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    if (keep(line)) out += line;
    text.remove_prefix(line.size());
  }
  return out;
}

bool isEntryOf(std::string_view line, const std::string& user) {
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  const HtpasswdLine split = splitHtpasswdLine(line);
  return split.isEntry && split.user == user;
}

}  // namespace

std::string HtpasswdEditor::read() const {
  return storage::readSmallFile(path_, kMaxFileBytes).value_or("");
}

void HtpasswdEditor::write(const std::string& text) const {
  struct stat info {};
  const mode_t mode = ::stat(path_.c_str(), &info) == 0 ? info.st_mode & 07777 : kNewFileMode;
  storage::replaceFileDurably(path_, text, mode);
}

HtpasswdEditor::Change HtpasswdEditor::setPassword(const std::string& user,
                                                   std::string_view password, int cost) {
  if (!isUserName(user)) {
    throw UsageError("a user name consists of letters, digits, '_', '-', '.' and '@' only");
  }
  if (isReservedName(user)) {
    throw UsageError("\"" + user +
                     "\" is a word of the protocol; this user could never own a "
                     "repository");
  }
  const std::string entry = user + ":" + hashPassword(password, cost) + "\n";
  bool found = false;
  const std::string old = read();
  std::string text = filterLines(old, [&](std::string_view line) {
    const bool isTheirs = isEntryOf(line, user);
    found = found || isTheirs;
    return !isTheirs;
  });
  if (!text.empty() && text.back() != '\n') text += '\n';
  write(text + entry);
  return found ? Change::Replaced : Change::Added;
}

bool HtpasswdEditor::remove(const std::string& user) {
  bool found = false;
  const std::string old = read();
  const std::string text = filterLines(old, [&](std::string_view line) {
    const bool isTheirs = isEntryOf(line, user);
    found = found || isTheirs;
    return !isTheirs;
  });
  if (found) write(text);
  return found;
}

std::vector<HtpasswdEditor::User> HtpasswdEditor::list() const {
  std::vector<User> users;
  const std::string whole = read();
  std::string_view text = whole;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  filterLines(text, [&](std::string_view line) {
    const HtpasswdLine split = splitHtpasswdLine(line);
    if (!split.isEntry) return false;
    std::erase_if(users, [&](const User& user) { return user.name == split.user; });
    users.push_back({std::string(split.user), kindOfHash(split.hash)});
    return false;
  });
  return users;
}

HtpasswdEditor::Verdict HtpasswdEditor::verify(const std::string& user,
                                               std::string_view password) const {
  const Htpasswd file = parseHtpasswd(read());
  const auto entry = file.hashes.find(user);
  if (entry == file.hashes.end()) return Verdict::NoSuchUser;
  return verifyPassword(password, entry->second) ? Verdict::Right : Verdict::Wrong;
}

}  // namespace coffer::restic
