// SPDX-License-Identifier: BSD-2-Clause
//
// One SQLite connection with its cache of prepared statements. Stores reach it through a
// Transaction:
//
//   db.run(kRename, owner, id, name);                       // rows changed
//   auto rows = db.query(kList, owner);
//   while (rows.next()) use(rows.text(0), rows.integer(1));
//
// Arguments: text, integers, bool, Blob, and std::optional of these for NULL.
// Threads: one at a time. Throws the Faults of sqlite_fault.h.
#pragma once

#include "storage/database/statement.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace coffer::storage {

// The rows of a query. The statement goes back to the connection's cache when this is destroyed; a
// cursor left open pins the WAL, so keep it no longer than needed.
class Rows {
 public:
  explicit Rows(Statement& cached) : statement_(&cached) { statement_->setBusy(true); }
  explicit Rows(std::unique_ptr<Statement> own) : own_(std::move(own)), statement_(own_.get()) {}
  Rows(Rows&& other) noexcept
      : own_(std::move(other.own_)), statement_(std::exchange(other.statement_, nullptr)) {}
  ~Rows() {
    if (statement_ == nullptr) return;
    statement_->reset();
    statement_->setBusy(false);
  }
  Rows& operator=(Rows&&) = delete;

  [[nodiscard]] bool next() { return statement_->step(); }

  // Of the current row; columns count from 0. Views are valid until next().
  bool isNull(int column) const { return statement_->isNull(column); }
  std::int64_t integer(int column) const { return statement_->integer(column); }
  bool boolean(int column) const { return integer(column) != 0; }
  std::string_view text(int column) const { return statement_->text(column); }
  std::string_view blob(int column) const { return statement_->blob(column); }
  std::string string(int column) const { return std::string(text(column)); }
  std::optional<std::string> optionalString(int column) const;
  std::optional<std::string> optionalBlob(int column) const;
  std::optional<std::int64_t> optionalInteger(int column) const;

  Statement& statement() { return *statement_; }

 private:
  std::unique_ptr<Statement> own_;  // When the cached one is in use further up the stack.
  Statement* statement_;
};

class Connection {
 public:
  enum class Mode { ReadWrite, ReadOnly };

  // Opens an existing file. Foreign keys are on, the schema is not trusted, checkpoints are never
  // automatic. `cacheKiB` bounds SQLite's page cache.
  Connection(const std::filesystem::path& file, Mode mode, int cacheKiB);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs a statement to its end; the number of rows it inserted, updated or deleted.
  template <typename... Args>
  std::int64_t run(const Sql& sql, const Args&... args) {
    Rows rows = lease(sql, sizeof...(Args));
    bindAll(rows.statement(), Statement::Binding::InPlace, args...);
    while (rows.next()) {
    }
    return changes();
  }

  template <typename... Args>
  [[nodiscard]] Rows query(const Sql& sql, const Args&... args) {
    Rows rows = lease(sql, sizeof...(Args));
    bindAll(rows.statement(), Statement::Binding::Copy, args...);
    return rows;
  }

  // Several statements in a row without parameters: migrations and settings of the connection.
  void script(const std::string& text, std::string_view name);

  [[nodiscard]] bool inTransaction() const;
  // True once the disk failed for another reason than being full; stays true.
  [[nodiscard]] bool diskFailed() const { return diskFailed_; }

  struct Checkpoint {
    bool complete = false;  // Everything in the WAL is in the file now.
    bool busy = false;      // A reader or another writer was in the way.
  };
  Checkpoint checkpointPassive();
  Checkpoint checkpointTruncate(int waitMillis);  // Waits for readers at most so long.

  void setCheckpointOnClose(bool on);
  std::uint64_t walPages() const { return walPages_; }  // As of the last commit here.
  void releaseMemory();

  // How SQLite goes about a query, one line of EXPLAIN QUERY PLAN.
  struct PlanStep {
    std::string query;  // Sql's name.
    std::string text;
  };
  // Of every query run so far, so that a test can refuse those that read whole tables.
  std::vector<PlanStep> explainCached();

 private:
  Rows lease(const Sql& sql, std::size_t arguments);
  std::int64_t changes() const;
  [[noreturn]] void fail(int code, std::string_view what);
  Checkpoint checkpoint(int mode);

  template <typename... Args>
  static void bindAll(Statement& statement, [[maybe_unused]] Statement::Binding how,
                      const Args&... args) {
    int number = 0;
    (statement.bind(++number, args, how), ...);
  }

  sqlite3* db_ = nullptr;
  std::unordered_map<const char*, std::unique_ptr<Statement>> cache_;  // By the text's address.
  std::uint64_t walPages_ = 0;
  bool diskFailed_ = false;
};

}  // namespace coffer::storage
