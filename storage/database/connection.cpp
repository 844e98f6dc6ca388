// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/connection.h"

#include "appliance/base/fault.h"
#include "storage/database/sqlite_fault.h"

#include <sqlite3.h>

namespace coffer::storage {
namespace {

constexpr int kBusyMillis = 5'000;  // For a lock held by another process.

// Memory statistics cost a global lock on every allocation. It can only be said before SQLite is
// first used; nobody else uses it in this program.
void configureOnce() {
  [[maybe_unused]] static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

std::optional<std::string> Rows::optionalString(int column) const {
  if (isNull(column)) return std::nullopt;
  return std::string(text(column));
}

std::optional<std::string> Rows::optionalBlob(int column) const {
  if (isNull(column)) return std::nullopt;
  return std::string(blob(column));
}

std::optional<std::int64_t> Rows::optionalInteger(int column) const {
  if (isNull(column)) return std::nullopt;
  return integer(column);
}

Connection::Connection(const std::filesystem::path& file, Mode mode, int cacheKiB) {
  configureOnce();
  const int access = mode == Mode::ReadWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(file.c_str(), &db_,
                                   access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  try {
    if (code != SQLITE_OK) throwSqliteFault(db_, code, "open " + file.string());
    sqlite3_busy_timeout(db_, kBusyMillis);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    setCheckpointOnClose(false);
    script(
        "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
        "PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL; PRAGMA cache_size = -" +
            std::to_string(cacheKiB),
        "open");
    // Also keeps SQLite's own hook, which would checkpoint, from being installed.
    sqlite3_wal_hook(
        db_,
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<Connection*>(self)->walPages_ = static_cast<std::uint64_t>(pages);
          return SQLITE_OK;
        },
        this);
  } catch (...) {
    cache_.clear();
    sqlite3_close(db_);
    throw;
  }
}

Connection::~Connection() {
  cache_.clear();  // A connection with open statements does not close.
  sqlite3_close(db_);
}

Rows Connection::lease(const Sql& sql, std::size_t arguments) {
  if (arguments != static_cast<std::size_t>(sql.parameters())) {
    throw Fault(FaultKind::Internal, "Internal Server Error",
                std::string(sql.name()) + ": wrong number of arguments");
  }
  auto& cached = cache_[sql.text().data()];
  if (!cached) cached = std::make_unique<Statement>(db_, sql, diskFailed_);
  if (cached->isBusy()) return Rows(std::make_unique<Statement>(db_, sql, diskFailed_));
  return Rows(*cached);
}

std::int64_t Connection::changes() const { return sqlite3_changes64(db_); }

void Connection::script(const std::string& text, std::string_view name) {
  const int code = sqlite3_exec(db_, text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, name);
}

void Connection::fail(int code, std::string_view what) {
  if (isDiskFailure(db_, code)) diskFailed_ = true;
  throwSqliteFault(db_, code, what);
}

bool Connection::inTransaction() const { return sqlite3_get_autocommit(db_) == 0; }

Connection::Checkpoint Connection::checkpointPassive() {
  return checkpoint(SQLITE_CHECKPOINT_PASSIVE);
}

Connection::Checkpoint Connection::checkpointTruncate(int waitMillis) {
  sqlite3_busy_timeout(db_, waitMillis);
  const Checkpoint result = checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
  sqlite3_busy_timeout(db_, kBusyMillis);
  if (result.complete) walPages_ = 0;
  return result;
}

Connection::Checkpoint Connection::checkpoint(int mode) {
  int inWal = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, mode, &inWal, &copied);
  if ((code & 0xff) == SQLITE_BUSY) return {.complete = false, .busy = true};
  if (code != SQLITE_OK) fail(code, "checkpoint");
  return {.complete = inWal == copied, .busy = false};
}

void Connection::setCheckpointOnClose(bool on) {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

std::vector<Connection::PlanStep> Connection::explainCached() {
  std::vector<PlanStep> steps;
  for (const auto& [text, statement] : cache_) {
    const std::string explain = "EXPLAIN QUERY PLAN " + std::string(statement->sql().text());
    sqlite3_stmt* plan = nullptr;
    const int code = sqlite3_prepare_v2(db_, explain.c_str(), -1, &plan, nullptr);
    if (code != SQLITE_OK) fail(code, explain);
    while (sqlite3_step(plan) == SQLITE_ROW) {
      constexpr int kDetail = 3;
      const auto* detail = reinterpret_cast<const char*>(sqlite3_column_text(plan, kDetail));
      steps.push_back({std::string(statement->sql().name()), detail == nullptr ? "" : detail});
    }
    sqlite3_finalize(plan);
  }
  return steps;
}

void Connection::releaseMemory() { sqlite3_db_release_memory(db_); }

}  // namespace coffer::storage
