// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/writer.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"

#include <pthread.h>
#include <utility>

namespace coffer::storage {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::size_t kMaxBatch = 256;
// Beyond so many times the checkpoint size the WAL is emptied even if readers must be waited for.
constexpr std::uint64_t kForcedCheckpointFactor = 16;
constexpr int kForcedCheckpointWaitMillis = 250;

constexpr Sql kBegin{"writer.begin", "BEGIN IMMEDIATE"};
constexpr Sql kCommit{"writer.commit", "COMMIT"};
constexpr Sql kRollback{"writer.rollback", "ROLLBACK"};
constexpr Sql kSavepoint{"writer.savepoint", "SAVEPOINT work"};
constexpr Sql kRelease{"writer.release", "RELEASE work"};
constexpr Sql kRollbackWork{"writer.rollback_work", "ROLLBACK TO work"};

std::exception_ptr readOnlyFault() {
  return std::make_exception_ptr(
      Unavailable("Service Unavailable",
                  "the database is read-only since a commit failed; restart to reopen it"));
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::unique_ptr<CheckpointLock> lock,
               Options options)
    : lock_(std::move(lock)),
      connection_(std::move(connection)),
      options_(std::move(options)),
      checkpointAtPages_(options_.checkpointBytes / kPageBytes),
      thread_([this] { loop(); }) {}

Writer::~Writer() { close(); }

void Writer::write(Work work) {
  if (!writable_) std::rethrow_exception(readOnlyFault());
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  wait(enqueue(std::move(job)));
}

void Writer::runAlone(Task task) {
  auto job = std::make_shared<Job>();
  job->task = std::move(task);
  wait(enqueue(std::move(job)));
}

bool Writer::runAloneWithin(Task task, std::chrono::milliseconds timeout) {
  auto job = std::make_shared<Job>();
  job->task = std::move(task);
  enqueue(job);
  std::unique_lock lock(mutex_);
  return job->finished.wait_for(lock, timeout, [&] { return job->done; }) && !job->error;
}

void Writer::checkpoint() {
  runAlone([this](Connection&) { truncateWal(kForcedCheckpointWaitMillis); });
}

void Writer::close() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    arrived_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

Writer::JobPtr Writer::enqueue(JobPtr job) {
  std::lock_guard lock(mutex_);
  if (std::this_thread::get_id() == self_) {
    throw Fault(FaultKind::Internal, "Internal Server Error", "a write waits for itself");
  }
  if (stopping_) throw Unavailable("Service Unavailable", "the database is closed");
  queue_.push_back(job);
  arrived_.notify_one();
  return job;
}

void Writer::wait(const JobPtr& job) {
  std::unique_lock lock(mutex_);
  job->finished.wait(lock, [&] { return job->done; });
  if (job->error) std::rethrow_exception(std::exchange(job->error, nullptr));
}

void Writer::loop() {
  ::pthread_setname_np(::pthread_self(), "db-writer");
  {
    std::lock_guard lock(mutex_);
    self_ = std::this_thread::get_id();
  }
  for (;;) {
    const Batch batch = nextBatch();
    if (batch.empty()) break;
    runBatch(batch);
    release(batch);
    checkpointIfGrown();
  }
  closeConnection();
}

// The work at the front of the queue that can share a transaction, or one task. Empty: the end.
Writer::Batch Writer::nextBatch() {
  Batch batch;
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  while (!arrived_.wait_for(lock, options_.idleAfter, ready)) {
    lock.unlock();
    beIdle();
    lock.lock();
  }
  while (!queue_.empty() && batch.size() < kMaxBatch) {
    const bool alone = static_cast<bool>(queue_.front()->task);
    if (alone && !batch.empty()) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (alone) break;
  }
  return batch;
}

void Writer::runBatch(const Batch& batch) {
  if (batch.front()->task) {
    try {
      batch.front()->task(*connection_);
    } catch (...) {
      batch.front()->error = std::current_exception();
    }
    return;
  }
  for (std::size_t done = 0; done < batch.size();) done = runTransaction(batch, done);
}

// Runs the work from `from` on in one transaction; returns where the next one begins. That is
// before the end only when SQLite gave up the whole transaction under a piece of work, which
// happens when the disk fails or is full: then those before it are lost too and are told so.
std::size_t Writer::runTransaction(const Batch& batch, std::size_t from) {
  std::size_t end = from;
  std::exception_ptr error;
  const bool alone = batch.size() - from == 1;
  try {
    if (!writable_) std::rethrow_exception(readOnlyFault());
    connection_->run(kBegin);
    while (end < batch.size()) {
      Job& job = *batch[end++];
      if (!(alone ? runWhole(job) : runInSavepoint(job))) {
        error = job.error;
        break;
      }
    }
    if (!error) connection_->run(kCommit);
  } catch (...) {
    error = std::current_exception();
    noteFailure();
    end = batch.size();
    rollBack();
  }
  for (std::size_t i = from; i < end; ++i) {
    if (error && !batch[i]->error) batch[i]->error = error;
    ++(batch[i]->error ? failedWrites_ : writes_);
  }
  if (!error) ++commits_;
  return end;
}

// The transaction is the work's own, and gone when this is false. Under a savepoint SQLite keeps,
// in memory, the old pages of every statement that cascades, and looks through all of them at the
// end of each: deleting ten thousand items one by one takes minutes then, and a second like this.
bool Writer::runWhole(Job& job) {
  Transaction transaction(*connection_);
  try {
    job.work(transaction);
    return true;
  } catch (...) {
    job.error = std::current_exception();
  }
  noteFailure();
  rollBack();
  return false;
}

// False when the transaction around the savepoint is gone as well.
bool Writer::runInSavepoint(Job& job) {
  connection_->run(kSavepoint);
  Transaction transaction(*connection_);
  try {
    job.work(transaction);
    connection_->run(kRelease);
    return true;
  } catch (...) {
    job.error = std::current_exception();
  }
  noteFailure();
  if (!connection_->inTransaction()) return false;
  connection_->run(kRollbackWork);
  connection_->run(kRelease);
  return true;
}

void Writer::rollBack() {
  try {
    if (connection_->inTransaction()) connection_->run(kRollback);
  } catch (const std::exception& e) {
    writable_ = false;
    log::error("storage", "rollback failed, the database is read-only now", {{"error", e.what()}});
  }
}

// After an I/O error what the disk holds is uncertain until the file is opened anew.
void Writer::noteFailure() {
  if (!connection_->diskFailed() || !writable_) return;
  writable_ = false;
  log::error("storage", "the disk failed, the database is read-only now");
}

void Writer::release(const Batch& batch) {
  std::lock_guard lock(mutex_);
  for (const auto& job : batch) {
    job->done = true;
    job->finished.notify_all();
  }
}

void Writer::checkpointIfGrown() {
  const std::uint64_t threshold = options_.checkpointBytes / kPageBytes;
  const std::uint64_t pages = connection_->walPages();
  if (pages < threshold) checkpointAtPages_ = threshold;  // The WAL began anew.
  if (pages < checkpointAtPages_ || !writable_ || !lock_->begin()) return;
  try {
    if (pages < kForcedCheckpointFactor * threshold) {
      connection_->checkpointPassive();
    } else {
      connection_->checkpointTruncate(kForcedCheckpointWaitMillis);
    }
    ++checkpoints_;
  } catch (const std::exception& e) {
    noteFailure();
    log::error("storage", "checkpoint failed", {{"error", e.what()}});
  }
  lock_->end();
  checkpointAtPages_ = connection_->walPages() + threshold;
}

void Writer::truncateWal(int waitMillis) {
  if (!writable_ || !lock_->begin()) return;
  try {
    if (connection_->checkpointTruncate(waitMillis).complete) ++checkpoints_;
  } catch (const std::exception& e) {
    noteFailure();
    log::error("storage", "checkpoint failed", {{"error", e.what()}});
  }
  lock_->end();
}

// Empties the WAL and lets SQLite remove it, if nobody else has the database open.
void Writer::closeConnection() {
  if (!writable_ || !lock_->begin()) {
    connection_.reset();
    return;
  }
  try {
    if (connection_->checkpointTruncate(kForcedCheckpointWaitMillis).complete) {
      connection_->setCheckpointOnClose(true);
    }
  } catch (const std::exception& e) {
    log::error("storage", "checkpoint failed", {{"error", e.what()}});
  }
  connection_.reset();
  lock_->end();
}

void Writer::beIdle() {
  if (connection_->walPages() > 0) truncateWal(0);
  connection_->releaseMemory();
  if (options_.onIdle) options_.onIdle();
}

}  // namespace coffer::storage
