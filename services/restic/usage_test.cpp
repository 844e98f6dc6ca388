// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/fault.h"
#include "services/restic/repository_stats.h"
#include "services/restic/service_harness.h"
#include "services/restic/usage_file.h"
#include "services/restic/usage_ledger.h"

#include <doctest/doctest.h>

#include <fstream>

using namespace coffer;
using namespace coffer::restic;
using coffer::restic::tests::idOf;
using coffer::tests::TempFolder;
namespace fs = std::filesystem;

namespace {

void put(const std::string& root, const std::string& repository, ObjectType type,
         const std::string& body) {
  const std::string path = root + "/" + objectFile(repository, type, idOf(body));
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << body;
}

}  // namespace

TEST_CASE("room is held from the start of an upload and given back when it fails") {
  UsageLedger ledger({.total = 100});
  {
    const auto first = ledger.reserve("r", "bob", ObjectType::Data, 60);
    CHECK_THROWS_AS(ledger.reserve("r", "bob", ObjectType::Data, 41), InsufficientStorage);
    const auto second = ledger.reserve("r", "bob", ObjectType::Data, 40);
    CHECK(ledger.totalBytes() == 100);
  }
  CHECK(ledger.totalBytes() == 0);
  CHECK(ledger.repositories().empty());
  ledger.reserve("r", "bob", ObjectType::Data, 60).settle(7);
  CHECK(ledger.totalBytes() == 60);
  CHECK(ledger.repositories().at("r").types[0].objects == 1);
  CHECK(ledger.repositories().at("r").owner == "bob");
  ledger.removed("r", ObjectType::Data, 60);
  CHECK(ledger.totalBytes() == 0);
  ledger.removed("r", ObjectType::Data, 60);
  CHECK(ledger.totalBytes() == 0);
}

TEST_CASE("an upload without a length reserves piece by piece") {
  UsageLedger ledger({.perRepository = 100});
  auto room = ledger.reserve("r", "", ObjectType::Data, 0);
  room.grow(60);
  room.grow(40);
  CHECK_THROWS_AS(room.grow(1), InsufficientStorage);
  CHECK(room.bytes() == 100);
  room.settle(1);
  CHECK(ledger.repositories().at("r").bytes() == 100);
}

TEST_CASE("quotas count for everything, for the owner and for the repository") {
  UsageLedger ledger({.total = 1000,
                      .perUser = 300,
                      .perRepository = 200,
                      .users = {{"big", 600}},
                      .repositories = {{"bob/small", 50}}});
  const auto store = [&](const std::string& repository, const std::string& user, std::uint64_t n) {
    ledger.reserve(repository, user, ObjectType::Data, n).settle(1);
  };
  store("bob/a", "bob", 200);
  CHECK_THROWS_AS(store("bob/a", "bob", 1), InsufficientStorage);
  CHECK_THROWS_AS(store("bob/small", "bob", 51), InsufficientStorage);
  store("bob/small", "bob", 50);
  CHECK_THROWS_AS(store("bob/c", "bob", 51), InsufficientStorage);
  store("bob/c", "bob", 50);
  for (const char* name : {"big/a", "big/b", "big/c"}) store(name, "big", 200);
  CHECK_THROWS_AS(store("big/d", "big", 1), InsufficientStorage);
  store("eve", "eve", 100);
  CHECK_THROWS_AS(store("joe", "joe", 1), InsufficientStorage);
  CHECK(ledger.totalBytes() == 1000);
  // What somebody else stores in bob's repository counts against bob.
  ledger.removed("eve", ObjectType::Data, 100);
  CHECK_THROWS_AS(store("bob/c", "eve", 1), InsufficientStorage);
  std::map<std::string, std::uint64_t> users;
  for (const auto& quota : ledger.quotas()) {
    if (quota.scope == QuotaState::Scope::User) users[quota.name] = quota.used;
  }
  CHECK(users == std::map<std::string, std::uint64_t>{{"big", 600}, {"bob", 300}, {"eve", 0}});
}

TEST_CASE("a full repository can still be locked, but not filled with locks") {
  UsageLedger ledger({.total = 100});
  ledger.reserve("r", "", ObjectType::Data, 100).settle(1);
  ledger.reserve("r", "", ObjectType::Locks, 150).settle(1);
  CHECK_THROWS_AS(ledger.reserve("r", "", ObjectType::Locks, kLockReserve), InsufficientStorage);
  CHECK_THROWS_AS(ledger.reserve("r", "", ObjectType::Index, 1), InsufficientStorage);
}

TEST_CASE("a count from the disk is taken only when nothing changed meanwhile") {
  UsageLedger ledger({});
  ledger.reserve("r", "bob", ObjectType::Data, 10).settle(5);
  RepositoryUsage counted;
  counted.types[0] = {3, 30};
  const auto before = ledger.changes("r");
  auto room = ledger.reserve("r", "bob", ObjectType::Data, 7);
  CHECK(ledger.correct("r", counted, before));
  CHECK(ledger.totalBytes() == 37);
  {
    const UsageLedger::Change change(ledger, "r");
    CHECK(ledger.changes("r") == UsageLedger::kChanging);
    CHECK_FALSE(ledger.correct("r", counted, before));
    CHECK_FALSE(ledger.correct("r", counted, UsageLedger::kChanging));
    room.settle(6);
  }
  CHECK(ledger.totalBytes() == 37);
  CHECK(ledger.repositories().at("r").types[0].objects == 4);
  CHECK_FALSE(ledger.correct("r", counted, before));
  CHECK_FALSE(ledger.correctType("r", ObjectType::Data, {1, 1}, before));
  CHECK(ledger.correctType("r", ObjectType::Data, {1, 1}, ledger.changes("r")));
  CHECK(ledger.totalBytes() == 1);
  ledger.raise("r", counted);
  CHECK(ledger.totalBytes() == 30);
  ledger.forget("r");
  CHECK(ledger.totalBytes() == 0);
}

TEST_CASE("the usage file keeps what it was given, and refuses anything damaged") {
  SavedUsage saved{.isClosed = true, .counted = 123, .repositories = {}};
  RepositoryUsage usage{.owner = "bob", .newestSnapshot = 5, .lastAccess = 6};
  usage.types[0] = {1, 2};
  usage.types[4] = {3, 4};
  for (const char* name : {"", "-", "a b/ü%", "x"}) saved.repositories.emplace(name, usage);
  const std::string text = renderUsage(saved);
  const auto read = parseUsage(text);
  REQUIRE(read.has_value());
  CHECK(read->isClosed);
  CHECK(read->counted == 123);
  CHECK(renderUsage(*read) == text);
  for (std::size_t cut = 0; cut + 1 < text.size(); ++cut) {
    CAPTURE(cut);
    CHECK((!parseUsage(text.substr(0, cut)).has_value()));
  }
  for (const char* bad : {"", "coffer-restic-usage 2\nstate open\ncounted 0\nend\n",
                          "coffer-restic-usage 1\nstate odd\ncounted 0\nend\n",
                          "coffer-restic-usage 1\nstate open\ncounted -1\nend\n",
                          "coffer-restic-usage 1\nstate open\ncounted 0\nrepository a\nend\n",
                          "coffer-restic-usage 1\nstate open\ncounted 0\nend\nmore\n",
                          "coffer-restic-usage 1\nstate open\ncounted 0\n"  // NOLINT: one text
                          "repository %z - 0 0 0 0 0 0 0 0 0 0 0 0\nend\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseUsage(bad).has_value());
  }
}

TEST_CASE("repositories are found at every depth and counted from the disk") {
  TempFolder temp;
  put(temp.path(), "", ObjectType::Keys, "root key");
  put(temp.path(), "bob", ObjectType::Data, "0123456789");
  put(temp.path(), "bob", ObjectType::Snapshots, "snapshot");
  put(temp.path(), "team/laptop", ObjectType::Index, "index");
  put(temp.path(), "a/b/too-deep", ObjectType::Index, "index");
  put(temp.path(), ".coffer", ObjectType::Index, "ours");
  fs::create_directories(temp.path() + "/not/one");
  std::ofstream(temp.path() + "/bob/config") << "cfg";
  std::ofstream(temp.path() + "/bob/data/temp") << "stray";
  std::ofstream(temp.path() + "/bob/keys") << "a file, not a folder";

  const auto reports = reportRepositories(temp.path(), storage::Links::Refused);
  REQUIRE(reports.size() == 3);
  CHECK(reports[0].name.empty());
  CHECK(reports[1].name == "bob");
  CHECK(reports[1].hasConfig);
  CHECK(reports[1].usage.bytes() == 18);
  CHECK(reports[1].usage.types[indexOf(ObjectType::Data)].objects == 1);
  CHECK(reports[1].usage.newestSnapshot > 0);
  CHECK(reports[2].name == "team/laptop");
  CHECK_FALSE(reports[2].hasConfig);
  CHECK(reportRepository(temp.path(), "team/laptop", storage::Links::Refused).usage.bytes() == 5);
  CHECK_THROWS_AS(reportRepository(temp.path(), "eve", storage::Links::Refused), UsageError);
  CHECK_THROWS_AS(reportRepositories(temp.path() + "/none", storage::Links::Refused), UsageError);
}
