// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/access_rules.h"

#include <array>

namespace coffer::restic {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"none", "read", "append", "modify"};

// '*' stands for any characters. Linear with one step back, so no pattern is slow.
bool matchesName(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string_view takeName(std::string_view& path) {
  const auto slash = path.find('/');
  const auto name = path.substr(0, slash);
  path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  return name;
}

std::string joined(const std::vector<std::string>& folders) {
  std::string path;
  for (const std::string& folder : folders) path += (path.empty() ? "" : "/") + folder;
  return path;
}

const std::map<std::string, Level>* tableOf(const AccessTables& tables,
                                            std::vector<std::string> folders) {
  // The table of the root ("[default]") speaks for the repository there, not for those below it.
  const bool atRoot = folders.empty();
  for (;;) {
    const auto table = tables.find(joined(folders));
    if (table != tables.end()) return &table->second;
    if (atRoot || folders.size() == 1) return nullptr;
    folders.pop_back();
  }
}

}  // namespace

std::optional<Level> parseLevel(std::string_view text) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == text) return static_cast<Level>(i);
  }
  return std::nullopt;
}

std::string_view nameOf(Level level) { return kLevelNames[static_cast<std::size_t>(level)]; }

bool matchesRepository(std::string_view pattern, std::string_view repository,
                       std::string_view user) {
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  if (pattern.ends_with('/')) pattern.remove_suffix(1);
  while (!pattern.empty()) {
    const auto wanted = takeName(pattern);
    if (wanted == "**" && pattern.empty()) return true;
    if (repository.empty()) return false;
    const auto name = takeName(repository);
    if (wanted == "{user}" ? name != user : !matchesName(wanted, name)) return false;
  }
  return repository.empty();
}

void AccessRules::replaceTables(AccessTables tables) {
  auto fresh = std::make_shared<const AccessTables>(std::move(tables));
  tables_.with([&](auto& current) { current.swap(fresh); });
}

Level AccessRules::levelOf(std::string_view user, const std::vector<std::string>& folders) const {
  const std::string repository = joined(folders);
  for (const AccessRule& rule : policy_.rules) {
    const bool isForUser = rule.user == "*" || rule.user == user;
    if (isForUser && matchesRepository(rule.repository, repository, user)) return rule.level;
  }
  const auto tables = tables_.with([](const auto& current) { return current; });
  if (const auto* table = tableOf(*tables, folders)) {
    const auto entry = table->find(std::string(user));
    return entry == table->end() ? Level::None : entry->second;
  }
  if (policy_.privateRepositories && (folders.empty() || folders.front() != user)) {
    return Level::None;
  }
  return policy_.appendOnly ? Level::Append : Level::Modify;
}

Level neededLevel(http::Method method, const ObjectPath& path) {
  const bool isOnLocks = (path.target == Target::List || path.target == Target::Object) &&
                         path.type == ObjectType::Locks;
  if (isOnLocks) return Level::Read;
  if (method == http::Method::Post) return Level::Append;
  if (method == http::Method::Delete) return Level::Modify;
  return Level::Read;
}

}  // namespace coffer::restic
