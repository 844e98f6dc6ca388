// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/migrate.h"

#include "appliance/base/fault.h"
#include "storage/database/connection.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

using namespace coffer;
using namespace coffer::storage;

namespace {

constexpr Sql kRowsOfA{"test.a", "SELECT count(*) FROM a"};
constexpr Sql kVersions{"test.versions", "SELECT count(*) FROM schema_migrations"};

const Migration kOne{1, "0001_one", "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"};
const Migration kTwo{2, "0002_two",
                     "ALTER TABLE a ADD COLUMN y INTEGER; INSERT INTO a VALUES (8, 9);"};

struct EmptyFile {
  tests::TempFolder folder;
  std::filesystem::path path = std::filesystem::path(folder.path()) / "db";
  EmptyFile() { std::ofstream{path}; }
  Connection open() const { return Connection(path, Connection::Mode::ReadWrite, 256); }
};

std::int64_t number(Connection& db, const Sql& sql) {
  auto rows = db.query(sql);
  return rows.next() ? rows.integer(0) : -1;
}

std::string refusal(Connection& db, std::vector<Migration> migrations) {
  try {
    migrate(db, migrations);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("migrations are applied once and in order") {
  const EmptyFile file;
  {
    auto db = file.open();
    migrate(db, std::vector{kOne});
    CHECK(number(db, kRowsOfA) == 1);
  }
  auto db = file.open();
  migrate(db, std::vector{kOne, kTwo});
  migrate(db, std::vector{kOne, kTwo});
  CHECK(number(db, kRowsOfA) == 2);
  CHECK(number(db, kVersions) == 2);
}

TEST_CASE("a migration that fails leaves the old schema") {
  const EmptyFile file;
  auto db = file.open();
  migrate(db, std::vector{kOne});
  const Migration broken{2, "0002_broken",
                         "INSERT INTO a VALUES (1); INSERT INTO missing VALUES (1);"};
  CHECK_THROWS_AS(migrate(db, std::vector{kOne, broken}), Fault);
  CHECK_FALSE(db.inTransaction());
  CHECK(number(db, kRowsOfA) == 1);
  CHECK(number(db, kVersions) == 1);
  migrate(db, std::vector{kOne, kTwo});
  CHECK(number(db, kRowsOfA) == 2);
}

TEST_CASE("a database made by a newer program is refused in words") {
  const EmptyFile file;
  auto db = file.open();
  migrate(db, std::vector{kOne, kTwo});
  CHECK(refusal(db, {kOne}).find("newer version") != std::string::npos);
}

TEST_CASE("a database made by another text of a migration is refused") {
  const EmptyFile file;
  auto db = file.open();
  migrate(db, std::vector{kOne});
  Migration edited = kOne;
  edited.sql = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (6);";
  CHECK(refusal(db, {edited}).find("another text of migration 0001_one") != std::string::npos);
}

TEST_CASE("a database of another program is refused and left as it was") {
  const EmptyFile file;
  auto db = file.open();
  db.script("CREATE TABLE users (uuid TEXT)", "test");
  CHECK(refusal(db, {kOne}).find("another program") != std::string::npos);
  constexpr Sql kTables{"test.tables", "SELECT count(*) FROM sqlite_master"};
  CHECK(number(db, kTables) == 1);
}

TEST_CASE("the built-in migrations are numbered without a gap and follow every earlier schema") {
  const auto all = builtInMigrations();
  REQUIRE_FALSE(all.empty());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].version == static_cast<int>(i) + 1);
  for (std::size_t earlier = 1; earlier <= all.size(); ++earlier) {
    const EmptyFile file;
    auto db = file.open();
    migrate(db, all.first(earlier));
    migrate(db, all);
    CHECK(number(db, kVersions) == static_cast<std::int64_t>(all.size()));
  }
}

TEST_CASE("every foreign key of the schema has an index to find its rows by") {
  // Without one, deleting a row reads the whole table that refers to it.
  constexpr Sql kUnindexed{"test.unindexed", R"(
      SELECT t.name || '.' || k."from"
      FROM sqlite_master t JOIN pragma_foreign_key_list(t.name) k
      WHERE t.type = 'table' AND NOT EXISTS (
        SELECT 1 FROM pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
        WHERE c.seqno = 0 AND c.name = k."from"))"};
  const EmptyFile file;
  auto db = file.open();
  migrate(db, builtInMigrations());
  auto rows = db.query(kUnindexed);
  while (rows.next()) FAIL_CHECK("no index for " << rows.string(0));
}
