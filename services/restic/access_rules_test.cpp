// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/access_rules.h"

#include "appliance/base/fault.h"
#include "services/restic/acl_file.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::restic;

TEST_CASE("patterns of repositories") {
  struct Row {
    const char *pattern, *repository;
    bool matches;
  };
  const Row rows[] = {
      {"", "", true},
      {"/", "", true},
      {"", "a", false},
      {"a", "a", true},
      {"/a/", "a", true},
      {"a", "a/b", false},
      {"a/b", "a/b", true},
      {"a", "ab", false},
      {"*", "a", true},
      {"*", "", false},
      {"*", "a/b", false},
      {"*/b", "a/b", true},
      {"l*p", "laptop", true},
      {"l*p", "lap-", false},
      {"*a*a*", "banana", true},
      {"a/**", "a", true},
      {"a/**", "a/b", true},
      {"a/**", "ab", false},
      {"**", "", true},
      {"**", "a/b", true},
      {"{user}", "bob", true},
      {"{user}", "eve", false},
      {"{user}/**", "bob/x", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.repository);
    CHECK(matchesRepository(row.pattern, row.repository, "bob") == row.matches);
  }
}

TEST_CASE("the first matching rule decides, before tables and defaults") {
  const AccessRules rules(
      {.rules = {{"maintainer", "**", Level::Modify},
                 {"bob", "bob/secret", Level::None},
                 {"*", "shared", Level::Read}},
       .tables = {{"team", {{"bob", Level::Append}}}, {"", {{"amy", Level::Read}}}},
       .privateRepositories = true,
       .appendOnly = true});
  CHECK(rules.levelOf("maintainer", {"bob"}) == Level::Modify);
  CHECK(rules.levelOf("bob", {"bob"}) == Level::Append);
  CHECK(rules.levelOf("bob", {"bob", "secret"}) == Level::None);
  CHECK(rules.levelOf("bob", {"shared"}) == Level::Read);
  CHECK(rules.levelOf("bob", {"team"}) == Level::Append);
  CHECK(rules.levelOf("bob", {"team", "x"}) == Level::Append);
  CHECK(rules.levelOf("amy", {"team"}) == Level::None);
  CHECK(rules.levelOf("amy", {}) == Level::Read);
  CHECK(rules.levelOf("bob", {}) == Level::None);
  CHECK(rules.levelOf("bob", {"amy"}) == Level::None);
}

TEST_CASE("without rules everybody may do everything, or append when that is the mode") {
  CHECK(AccessRules({}).levelOf("", {"x"}) == Level::Modify);
  AccessPolicy appendOnly;
  appendOnly.appendOnly = true;
  CHECK(AccessRules(appendOnly).levelOf("bob", {}) == Level::Append);
}

TEST_CASE("what a request needs") {
  const ObjectPath object{{}, Target::Object, ObjectType::Data, ""};
  const ObjectPath lock{{}, Target::Object, ObjectType::Locks, ""};
  const ObjectPath config{{}, Target::Config, ObjectType::Data, ""};
  using http::Method;
  CHECK(neededLevel(Method::Get, object) == Level::Read);
  CHECK(neededLevel(Method::Head, config) == Level::Read);
  CHECK(neededLevel(Method::Post, object) == Level::Append);
  CHECK(neededLevel(Method::Delete, object) == Level::Modify);
  CHECK(neededLevel(Method::Delete, config) == Level::Modify);
  CHECK(neededLevel(Method::Post, lock) == Level::Read);
  CHECK(neededLevel(Method::Delete, lock) == Level::Read);
}

TEST_CASE("rustic_server's acl.toml is read as it is") {
  const auto tables = parseAclFile(
      "# who may what\n\n[default]\nalex = \"Read\" # comment\nadmin = 'Modify'\r\n"
      "[alex]\nalex = \"Modify\"\n\"bob.b@x\" = \"Append\"\nold = \"NoAccess\"\n"
      "locker=\"ForceUnlock\"\n[\"a/b\"]\n",
      "acl.toml");
  CHECK(tables.size() == 3);
  CHECK(tables.at("").at("alex") == Level::Read);
  CHECK(tables.at("").at("admin") == Level::Modify);
  CHECK(tables.at("alex").at("bob.b@x") == Level::Append);
  CHECK(tables.at("alex").at("old") == Level::None);
  CHECK(tables.at("alex").at("locker") == Level::None);
  CHECK(tables.at("a/b").empty());
}

TEST_CASE("a mistake in an acl.toml is an error with its line") {
  const std::pair<const char*, const char*> rows[] = {
      {"[a]\nbob = \"Write\"", "acl.toml:2: unknown level \"Write\""},
      {"[a]\nbob = \"read\"", "acl.toml:2: unknown level"},
      {"bob = \"Read\"", "acl.toml:1: an entry must follow"},
      {"[a]\nbob = Read", "acl.toml:2: expected a level in quotes"},
      {"[a\n", "acl.toml:1: expected ']'"},
      {"[a] x\n", "acl.toml:1: expected ']'"},
      {"[a]\n[b]\n[a]", "acl.toml:3: the table [a] is there twice"},
      {"[a]\nbob = \"Read\"\nbob = \"Read\"", "acl.toml:3: \"bob\" is there twice"},
      {"[a]\nbob \"Read\"", "acl.toml:2: expected '='"},
      {"[a]\n= \"Read\"", "acl.toml:2: expected a name"},
      {"[a]\nbob = \"Read", "acl.toml:2: a quote is not closed"},
      {"[a]\nbob = \"Read\" x", "acl.toml:2: unexpected text"},
      {"[a]\nbob =", "acl.toml:2: expected a level"},
      {"[]", "acl.toml:1: expected a name"},
  };
  for (const auto& row : rows) {
    const auto* text = row.first;
    const auto* message = row.second;
    CAPTURE(text);
    std::string said;
    try {
      (void)parseAclFile(text, "acl.toml");
    } catch (const UsageError& error) {
      said = error.what();
    }
    CHECK(said.starts_with(message));
  }
}
