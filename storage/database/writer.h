// SPDX-License-Identifier: BSD-2-Clause
//
// The thread that owns the only connection that writes, and the queue in front of it.
//
// Pieces of work that wait at the same time run in one transaction, each in its own savepoint, and
// share the commit's fsync; nobody is released before it. One that waits alone has the transaction
// to itself. After a commit that failed for another reason than a full disk nothing is written any
// more (isWritable).
// The same thread checkpoints: partly when the WAL has grown, wholly when there is nothing to do.
#pragma once

#include "storage/database/checkpoint_lock.h"
#include "storage/database/connection.h"
#include "storage/database/transaction.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace coffer::storage {

class Writer {
 public:
  using Work = std::function<void(Transaction&)>;
  using Task = std::function<void(Connection&)>;

  struct Options {
    std::uint64_t checkpointBytes = 0;
    std::chrono::milliseconds idleAfter{};
    std::function<void()> onIdle;  // On the writer's thread, every idleAfter without work.
  };

  Writer(std::unique_ptr<Connection> connection, std::unique_ptr<CheckpointLock> lock,
         Options options);
  ~Writer();  // Finishes what is queued.

  void write(Work work);     // Returns when durable.
  void runAlone(Task task);  // Outside a transaction, between two of them.
  // As runAlone, but gives up waiting; the task then still runs later. True if it ran without
  // throw.
  [[nodiscard]] bool runAloneWithin(Task task, std::chrono::milliseconds timeout);
  void checkpoint();
  void close();  // Finishes what is queued, empties the WAL. Idempotent.

  [[nodiscard]] bool isWritable() const { return writable_; }
  std::uint64_t commits() const { return commits_; }
  std::uint64_t writes() const { return writes_; }
  std::uint64_t failedWrites() const { return failedWrites_; }
  std::uint64_t checkpoints() const { return checkpoints_; }

 private:
  struct Job {
    Work work;  // One of the two.
    Task task;
    std::exception_ptr error;
    bool done = false;
    std::condition_variable finished;
  };
  using JobPtr = std::shared_ptr<Job>;
  using Batch = std::vector<JobPtr>;

  JobPtr enqueue(JobPtr job);
  void wait(const JobPtr& job);

  // The writer's thread.
  void loop();
  Batch nextBatch();
  void runBatch(const Batch& batch);
  std::size_t runTransaction(const Batch& batch, std::size_t from);
  bool runWhole(Job& job);
  bool runInSavepoint(Job& job);
  void rollBack();
  void noteFailure();
  void release(const Batch& batch);
  void checkpointIfGrown();
  void truncateWal(int waitMillis);
  void beIdle();
  void closeConnection();

  const std::unique_ptr<CheckpointLock> lock_;
  std::unique_ptr<Connection> connection_;  // Touched by the writer's thread only.
  const Options options_;
  std::uint64_t checkpointAtPages_ = 0;

  std::mutex mutex_;  // Guards what follows, and `done` and `error` of every job.
  std::condition_variable arrived_;
  std::deque<JobPtr> queue_;
  bool stopping_ = false;
  std::thread::id self_;

  std::atomic<bool> writable_{true};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<std::uint64_t> failedWrites_{0};
  std::atomic<std::uint64_t> checkpoints_{0};

  std::thread thread_;  // Last: everything above is ready when it starts.
};

}  // namespace coffer::storage
