// SPDX-License-Identifier: BSD-2-Clause
//
// Read-only connections, lent out one caller at a time. Opened when first needed; the one used last
// is lent first, so that few stay warm. Threads: any.
#pragma once

#include "storage/database/connection.h"
#include "storage/database/transaction.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace coffer::storage {

class ReaderPool {
 public:
  ReaderPool(std::filesystem::path file, std::size_t max, std::chrono::milliseconds wait);

  // Runs `use` with a connection that nobody else uses meanwhile. Throws Unavailable when none
  // becomes free in time or the pool is closed.
  void use(const std::function<void(Connection&)>& use);

  // Closes the connections that were never needed since the last call, but for one, which gives its
  // memory back. Call it now and then.
  void trim();
  void close();  // Waits for those in use. Idempotent.
  std::size_t open() const;

 private:
  std::unique_ptr<Connection> take();
  void giveBack(std::unique_ptr<Connection> connection);

  const std::filesystem::path file_;
  const std::size_t max_;
  const std::chrono::milliseconds wait_;

  mutable std::mutex mutex_;  // Guards all that follows.
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t unneeded_ = 0;  // The fewest that were idle at a time since the last trim().
  std::size_t open_ = 0;
  bool closed_ = false;
};

}  // namespace coffer::storage
