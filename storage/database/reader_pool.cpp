// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/reader_pool.h"

#include "appliance/base/fault.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace coffer::storage {
namespace {

constexpr int kReaderCacheKiB = 256;

}  // namespace

ReaderPool::ReaderPool(std::filesystem::path file, std::size_t max, std::chrono::milliseconds wait)
    : file_(std::move(file)), max_(max == 0 ? 1 : max), wait_(wait) {}

void ReaderPool::use(const std::function<void(Connection&)>& use) {
  auto connection = take();
  try {
    use(*connection);
  } catch (...) {
    // A connection that is stuck in its transaction is not lent again.
    if (connection->inTransaction()) connection.reset();
    giveBack(std::move(connection));
    throw;
  }
  giveBack(std::move(connection));
}

std::unique_ptr<Connection> ReaderPool::take() {
  {
    std::unique_lock lock(mutex_);
    const bool free = changed_.wait_for(
        lock, wait_, [this] { return closed_ || !idle_.empty() || open_ < max_; });
    if (closed_) throw Unavailable("Service Unavailable", "the database is closed");
    if (!free) throw Unavailable("Service Unavailable", "every database reader is busy");
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      unneeded_ = std::min(unneeded_, idle_.size());
      return connection;
    }
    ++open_;
  }
  try {
    return std::make_unique<Connection>(file_, Connection::Mode::ReadOnly, kReaderCacheKiB);
  } catch (...) {
    giveBack(nullptr);
    throw;
  }
}

void ReaderPool::giveBack(std::unique_ptr<Connection> connection) {
  {
    std::lock_guard lock(mutex_);
    if (connection && !closed_) {
      idle_.push_back(std::move(connection));
    } else {
      connection.reset();
      --open_;
    }
  }
  changed_.notify_all();
}

void ReaderPool::trim() {
  std::vector<std::unique_ptr<Connection>> surplus;  // Closed after the lock is let go.
  std::lock_guard lock(mutex_);
  const std::size_t unneeded = std::exchange(unneeded_, idle_.size());
  if (unneeded == 0) return;
  if (unneeded == open_) idle_.back()->releaseMemory();
  // The ones at the front were lent longest ago.
  const auto last = idle_.begin() + static_cast<std::ptrdiff_t>(unneeded - 1);
  std::move(idle_.begin(), last, std::back_inserter(surplus));
  idle_.erase(idle_.begin(), last);
  open_ -= surplus.size();
  unneeded_ = idle_.size();
}

void ReaderPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  open_ -= idle_.size();
  idle_.clear();
  changed_.notify_all();
  changed_.wait(lock, [this] { return open_ == 0; });
}

std::size_t ReaderPool::open() const {
  std::lock_guard lock(mutex_);
  return open_;
}

}  // namespace coffer::storage
