// SPDX-License-Identifier: BSD-2-Clause
//
// Small pools of threads for work that may not run on the I/O workers, each with a bounded queue.
#pragma once

#include "appliance/http/lane.h"
#include "appliance/http/metrics.h"
#include "appliance/http/small_thread.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace coffer::http {

class LanePool {
 public:
  // Threads are started as jobs come, up to `threads`, and then stay.
  LanePool(Lane lane, unsigned threads, std::size_t maxWaiting, ServerMetrics& metrics);
  ~LanePool() { stop(); }

  // False when the queue is full or the pool has stopped. The job must not throw.
  [[nodiscard]] bool post(std::function<void()> job);
  // Runs what is queued, then ends the threads.
  void stop();

 private:
  bool startThread();
  void work();

  const Lane lane_;
  const unsigned maxThreads_;
  const std::size_t maxWaiting_;
  ServerMetrics& metrics_;

  std::mutex mutex_;  // Protects what follows.
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<SmallThread> threads_;
  unsigned idle_ = 0;
  bool stopping_ = false;
};

}  // namespace coffer::http
