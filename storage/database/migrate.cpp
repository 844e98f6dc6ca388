// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/migrate.h"

#include "appliance/base/bytes.h"
#include "appliance/base/clock.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "storage/database/connection.h"

#include <map>
#include <string>

namespace coffer::storage {
namespace {

constexpr Sql kHasTable{"migrate.has_table", R"(
    SELECT count(*), sum(name = 'schema_migrations') FROM sqlite_master WHERE type = 'table')"};
constexpr const char* kCreateTable = R"(
    CREATE TABLE schema_migrations (
      version    INTEGER PRIMARY KEY,
      name       TEXT NOT NULL,
      checksum   TEXT NOT NULL,
      applied_at INTEGER NOT NULL
    ) STRICT)";
constexpr Sql kApplied{"migrate.applied", R"(
    SELECT version, name, checksum FROM schema_migrations ORDER BY version)"};
constexpr Sql kRecord{"migrate.record", R"(
    INSERT INTO schema_migrations (version, name, checksum, applied_at)
    VALUES ($1, $2, $3, $4))"};

constexpr Sql kBegin{"migrate.begin", "BEGIN IMMEDIATE"};
constexpr Sql kCommit{"migrate.commit", "COMMIT"};
constexpr Sql kRollback{"migrate.rollback", "ROLLBACK"};

std::string checksum(const Migration& migration) { return toHex(sha256(migration.sql)); }

void createTableIfNew(Connection& db) {
  bool ours = false;
  bool empty = true;
  {
    auto rows = db.query(kHasTable);
    if (rows.next()) {
      empty = rows.integer(0) == 0;
      ours = rows.integer(1) > 0;
    }
  }
  if (ours) return;
  if (!empty) {
    throw UsageError("the database file belongs to another program (it has no schema_migrations)");
  }
  db.script(kCreateTable, "migrate.create_table");
}

// Checks what was applied before; the version to go on after.
int checkApplied(Connection& db, std::span<const Migration> migrations) {
  int last = 0;
  auto rows = db.query(kApplied);
  while (rows.next()) {
    const auto version = rows.integer(0);
    if (version > static_cast<std::int64_t>(migrations.size())) {
      throw UsageError("the database was made by a newer version of Coffer (schema " +
                       std::to_string(version) + ", this program knows " +
                       std::to_string(migrations.size()) + "); start that version instead");
    }
    if (version != last + 1) {
      throw UsageError("the database lacks migration " + std::to_string(last + 1));
    }
    const Migration& known = migrations[static_cast<std::size_t>(last)];
    if (rows.text(2) != checksum(known)) {
      throw UsageError("the database was made with another text of migration " + rows.string(1) +
                       "; this program would not understand it");
    }
    last = known.version;
  }
  return last;
}

}  // namespace

void migrate(Connection& db, std::span<const Migration> migrations) {
  // One lock around looking and doing, so that two processes that start together do not both do it.
  db.run(kBegin);
  try {
    createTableIfNew(db);
    const int applied = checkApplied(db, migrations);
    for (const auto& migration : migrations.subspan(static_cast<std::size_t>(applied))) {
      db.script(std::string(migration.sql), migration.name);
      db.run(kRecord, migration.version, migration.name, checksum(migration), SystemClock().now());
      log::info("storage", "schema migrated", {{"migration", migration.name}});
    }
    db.run(kCommit);
  } catch (...) {
    if (db.inTransaction()) db.run(kRollback);
    throw;
  }
}

}  // namespace coffer::storage
