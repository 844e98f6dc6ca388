// SPDX-License-Identifier: BSD-2-Clause
//
// Who may do what with which repository. The level of a user in a repository is found in this
// order, and the first that says something decides:
//
//   1. the rules, from first to last: the first whose user and repository both match;
//   2. the table of the repository in the acl.toml, or of the nearest folder above it that has one:
//      a user who is not in that table has no access;
//   3. the defaults: nothing in somebody else's repository when repositories are private (the first
//      folder is the owner's name); else append when append-only, and modify when not.
//
// So a rule can give a maintainer "modify" in a repository that is append-only for everybody else.
//
// Safe from any thread; only the tables can change.
#pragma once

#include "appliance/base/guarded.h"
#include "appliance/http/method.h"
#include "services/restic/object_path.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::restic {

enum class Level : std::uint8_t {
  None,    // The repository is not there for this user: 401, as rest-server's private repositories.
  Read,    // Read everything; make and remove locks, which reading needs.
  Append,  // Also add: create repositories, add objects. Nothing is overwritten or removed.
  Modify,  // Also remove.
};

std::optional<Level> parseLevel(std::string_view text);  // "none", "read", "append", "modify".
std::string_view nameOf(Level level);

struct AccessRule {
  std::string user;        // A name, or "*" for everybody who is logged in.
  std::string repository;  // Pattern, see matchesRepository().
  Level level = Level::None;
};

// "alice/laptop" that repository; "" or "/" the one at the root; "*" within a name any characters
// of that name; "**" as the last name the folder and everything below it ("alice/**" holds "alice",
// "alice/a"; "**" holds all); "{user}" the name of the user who asks.
[[nodiscard]] bool matchesRepository(std::string_view pattern, std::string_view repository,
                                     std::string_view user);

// repository → user → level, as rustic_server's acl.toml has it (acl_file.h).
using AccessTables = std::map<std::string, std::map<std::string, Level>>;

struct AccessPolicy {
  std::vector<AccessRule> rules;
  AccessTables tables;
  bool privateRepositories = false;
  bool appendOnly = false;
};

class AccessRules {
 public:
  explicit AccessRules(AccessPolicy policy)
      : policy_(std::move(policy)),
        tables_(std::make_shared<const AccessTables>(std::move(policy_.tables))) {}

  // Puts `tables` in the place of those of the acl.toml, for requests from now on.
  void replaceTables(AccessTables tables);

  // `user` is "" when authentication is off.
  Level levelOf(std::string_view user, const std::vector<std::string>& folders) const;

 private:
  AccessPolicy policy_;  // Without its tables.
  Guarded<std::shared_ptr<const AccessTables>> tables_;
};

// What a request needs. Whatever is done to locks counts as reading.
Level neededLevel(http::Method method, const ObjectPath& path);

}  // namespace coffer::restic
