// SPDX-License-Identifier: BSD-2-Clause
//
// Brings a database's schema up to this program's: every migration once and in order, recorded with
// its checksum in schema_migrations. All that are missing are applied in one transaction, so an
// interrupted upgrade leaves the old schema.
#pragma once

#include <span>
#include <string_view>

namespace coffer::storage {

class Connection;

struct Migration {
  int version;            // 1, 2, 3 … without a gap.
  std::string_view name;  // "0001_initial".
  std::string_view sql;
};

// Throws UsageError for a database that is not ours, is newer than the last migration given, or was
// made by a migration with another text.
void migrate(Connection& db, std::span<const Migration> migrations);

// Those built into the program, from storage/migrations.
std::span<const Migration> builtInMigrations();

}  // namespace coffer::storage
