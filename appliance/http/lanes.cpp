// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/lanes.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"

namespace coffer::http {

LanePool::LanePool(Lane lane, unsigned threads, std::size_t maxWaiting, ServerMetrics& metrics)
    : lane_(lane),
      maxThreads_(threads > 0 ? threads : 1),
      maxWaiting_(maxWaiting),
      metrics_(metrics) {}

bool LanePool::post(std::function<void()> job) {
  std::unique_lock lock(mutex_);
  const std::size_t free = idle_ + maxThreads_ - threads_.size();
  if (stopping_ || jobs_.size() >= maxWaiting_ + free) return false;
  if (idle_ <= jobs_.size() && threads_.size() < maxThreads_ && !startThread()) return false;
  jobs_.push_back(std::move(job));
  metrics_.laneQueued(lane_, 1);
  lock.unlock();
  wake_.notify_one();
  return true;
}

// False when the lane has no thread at all and can have none.
bool LanePool::startThread() {
  try {
    threads_.emplace_back(std::string(nameOf(lane_)).c_str(), [this] { work(); });
  } catch (const Fault& fault) {
    log::error("http", "no thread for a lane", {{"reason", fault.what()}});
  }
  return !threads_.empty();
}

void LanePool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    --idle_;
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    metrics_.laneQueued(lane_, -1);
    metrics_.laneBusy(lane_, 1);
    job();
    job = nullptr;
    metrics_.laneBusy(lane_, -1);
    lock.lock();
  }
}

void LanePool::stop() {
  std::vector<SmallThread> ending;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ending.swap(threads_);
  }
  wake_.notify_all();
  ending.clear();  // Joins.
}

}  // namespace coffer::http
