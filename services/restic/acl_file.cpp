// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/acl_file.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "storage/blobs/durable_file.h"

namespace coffer::restic {
namespace {

constexpr std::size_t kMaxFileBytes = 1 * MiB;

bool isBareKeyCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

class AclReader {
 public:
  explicit AclReader(const std::string& fileName) : fileName_(fileName) {}

  AccessTables read(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
      const auto end = text.find('\n');
      ++line_;
      readLine(trim(text.substr(0, end)));
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return std::move(tables_);
  }

 private:
  void readLine(std::string_view rest) {
    if (isEnd(rest)) return;
    if (rest.front() == '[') {
      rest.remove_prefix(1);
      openTable(takeKey(rest), rest);
    } else {
      addEntry(takeKey(rest), rest);
    }
  }

  void openTable(std::string name, std::string_view rest) {
    rest = trim(rest);
    if (!rest.starts_with(']') || !isEnd(rest.substr(1)))
      fail("expected ']' and nothing behind it");
    if (name == "default") name.clear();
    const auto [table, isNew] = tables_.try_emplace(name);
    if (!isNew) fail("the table [" + name + "] is there twice");
    table_ = &table->second;
  }

  void addEntry(const std::string& user, std::string_view rest) {
    if (table_ == nullptr) fail("an entry must follow a [repository]");
    rest = trim(rest);
    if (!rest.starts_with('=')) fail("expected '=' behind \"" + user + "\"");
    rest = trim(rest.substr(1));
    if (!rest.starts_with('"') && !rest.starts_with('\'')) fail("expected a level in quotes");
    const std::string level = takeQuoted(rest);
    if (!isEnd(rest)) fail("unexpected text behind the level");
    if (!table_->emplace(user, levelOf(level)).second) fail("\"" + user + "\" is there twice");
  }

  Level levelOf(const std::string& text) const {
    if (text == "NoAccess" || text == "ForceUnlock") return Level::None;
    if (text == "Read") return Level::Read;
    if (text == "Append") return Level::Append;
    if (text == "Modify") return Level::Modify;
    fail("unknown level \"" + text + "\" (NoAccess, ForceUnlock, Read, Append or Modify)");
  }

  std::string takeKey(std::string_view& rest) {
    rest = trim(rest);
    if (rest.starts_with('"') || rest.starts_with('\'')) return takeQuoted(rest);
    std::size_t length = 0;
    while (length < rest.size() && isBareKeyCharacter(rest[length])) ++length;
    if (length == 0) fail("expected a name");
    std::string key(rest.substr(0, length));
    rest.remove_prefix(length);
    return key;
  }

  // "…" with \" and \\ , or '…' to the letter.
  std::string takeQuoted(std::string_view& rest) {
    const char quote = rest.front();
    std::string text;
    for (std::size_t i = 1; i < rest.size(); ++i) {
      char c = rest[i];
      if (c == quote) {
        rest.remove_prefix(i + 1);
        return text;
      }
      if (c == '\\' && quote == '"') {
        if (++i == rest.size() || (rest[i] != '"' && rest[i] != '\\')) fail("unknown escape");
        c = rest[i];
      }
      text += c;
    }
    fail("a quote is not closed");
  }

  static bool isEnd(std::string_view rest) {
    rest = trim(rest);
    return rest.empty() || rest.front() == '#';
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw UsageError(fileName_ + ":" + std::to_string(line_) + ": " + what);
  }

  const std::string& fileName_;
  std::size_t line_ = 0;
  AccessTables tables_;
  std::map<std::string, Level>* table_ = nullptr;
};

}  // namespace

AccessTables parseAclFile(std::string_view text, const std::string& fileName) {
  return AclReader(fileName).read(text);
}

AccessTables loadAclFile(const std::string& path) {
  std::optional<std::string> text;
  try {
    text = storage::readSmallFile(path, kMaxFileBytes);
  } catch (const Fault& fault) {
    throw UsageError("cannot read the access file: " + fault.detail());
  }
  if (!text) throw UsageError("cannot read the access file " + path + ": no such file");
  return parseAclFile(*text, path);
}

}  // namespace coffer::restic
