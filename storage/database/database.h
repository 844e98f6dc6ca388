// SPDX-License-Identifier: BSD-2-Clause
//
// One SQLite database: a single writer with group commit, and a small pool of readers.
//
//   auto folder = database.read([&](Transaction& tx) { return FolderStore(tx).find(owner, id); });
//   database.write([&](Transaction& tx) { FolderStore(tx).insert(folder); });
//
// Durability: when write() returns, the change is on the disk (WAL, synchronous=FULL). Work that
// waits at the same time shares one transaction and one fsync; a piece of work that throws undoes
// only its own changes, and its exception reaches its own caller.
// Threads: read() and write() from any thread; both block. The closure given to write() runs on the
// writer's thread while the caller waits, the one given to read() on the caller's.
// A closure does database work only: no network, no password hashing, no call of read() or write().
//
// Faults: InsufficientStorage when the disk is full; Unavailable when no reader became free, when
// the database is closed, or when it went read-only after an I/O error (isWritable()); Conflict for
// a key that is taken; Internal for the rest. See sqlite_fault.h.
#pragma once

#include "storage/database/transaction.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace coffer::storage {

class Writer;
class ReaderPool;

struct DatabaseOptions {
  std::size_t maxReaders = 8;                    // Opened when first needed.
  std::chrono::milliseconds readerWait{10'000};  // For a free reader, then Unavailable.
  std::uint64_t checkpointBytes = 4u << 20;      // The WAL is folded into the file beyond this.
  std::chrono::milliseconds idleAfter{5'000};    // Then the WAL is emptied and memory given back.
  std::uint64_t maxPages = 0;  // Upper limit of the file in pages of 4 KiB; 0: none.
};

struct DatabaseCounters {
  std::uint64_t commits = 0;       // Transactions made durable.
  std::uint64_t writes = 0;        // Pieces of work in them; writes / commits is the grouping.
  std::uint64_t failedWrites = 0;  // Pieces of work undone, by their own throw or a failed commit.
  std::uint64_t checkpoints = 0;
  std::uint64_t walBytes = 0;
  std::uint64_t fileBytes = 0;
  std::size_t readers = 0;  // Connections open now.
};

class Database {
 public:
  // Opens or creates the file (0600, missing parent folders 0700) and brings its schema up to date.
  // Throws UsageError when the schema is newer than this program or a recorded migration differs.
  explicit Database(std::filesystem::path file, DatabaseOptions options = {});
  ~Database();  // As close(), and never throws.
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs work(Transaction&) and returns its result once it is durable.
  template <typename F>
  auto write(F&& work) -> std::invoke_result_t<F&, Transaction&> {
    return collect(std::forward<F>(work), [this](const Work& w) { runWrite(w); });
  }

  // Runs work(Transaction&) on one unchanging snapshot. It cannot write.
  template <typename F>
  auto read(F&& work) -> std::invoke_result_t<F&, Transaction&> {
    return collect(std::forward<F>(work), [this](const Work& w) { runRead(w); });
  }

  // False once a commit failed with an I/O error: what the disk holds is then uncertain until the
  // database is opened anew, so nothing more is acknowledged.
  [[nodiscard]] bool isWritable() const;

  // For the readiness check: the writer answers in time, takes its lock, and the file system is
  // neither read-only nor full. Writes nothing to the disk.
  [[nodiscard]] bool probeWritable(std::chrono::milliseconds timeout = std::chrono::seconds(2));

  // A consistent, compact copy in a new file (0600, fsynced). Throws Conflict if the file exists.
  // Occupies one reader; writes go on, but the WAL grows meanwhile.
  void backupTo(const std::filesystem::path& target);

  // What is wrong with the file, by SQLite's own checks: structure, indexes, constraints, rows that
  // refer to missing ones. A line each, a hundred at most; empty when it is sound. Reads everything
  // in the file, on one reader.
  std::vector<std::string> findDamage();

  // Folds the WAL into the file and empties it.
  void checkpoint();

  // Finishes the work that waits, empties the WAL, closes every connection. Idempotent. Throws
  // nothing; a failure is logged.
  void close();

  DatabaseCounters counters() const;
  const std::filesystem::path& file() const { return file_; }

 private:
  using Work = std::function<void(Transaction&)>;

  template <typename F, typename Run>
  static auto collect(F&& work, Run&& run) -> std::invoke_result_t<F&, Transaction&> {
    using Result = std::invoke_result_t<F&, Transaction&>;
    if constexpr (std::is_void_v<Result>) {
      run(Work([&work](Transaction& tx) { work(tx); }));
    } else {
      static_assert(!std::is_reference_v<Result>,
                    "the transaction is over when the result is used");
      std::optional<Result> result;
      run(Work([&work, &result](Transaction& tx) { result.emplace(work(tx)); }));
      return std::move(*result);
    }
  }

  void runWrite(const Work& work);
  void runRead(const Work& work);

  std::filesystem::path file_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<ReaderPool> readers_;
};

}  // namespace coffer::storage
