// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/jobs.h"

#include "appliance/base/log.h"

#include <algorithm>
#include <exception>
#include <pthread.h>

namespace coffer::runtime {
namespace {

void runGuarded(const std::string& name, const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& e) {
    log::error("runtime", "a background job failed", {{"job", name}, {"error", e.what()}});
  }
}

}  // namespace

void Jobs::add(std::string name, std::chrono::milliseconds interval,
               std::chrono::milliseconds delay, std::function<void()> work) {
  jobs_.push_back({std::move(name), interval, std::move(work), Time(delay)});
}

void Jobs::start() {
  if (jobs_.empty() || thread_.joinable()) return;
  // Until now `due` held the delay alone.
  const Time now = std::chrono::steady_clock::now();
  for (Job& job : jobs_) job.due = now + job.due.time_since_epoch();
  thread_ = std::jthread([this](std::stop_token stop) { loop(stop); });
  ::pthread_setname_np(thread_.native_handle(), "jobs");
}

void Jobs::runSoon(std::string_view name) {
  {
    std::lock_guard lock(mutex_);
    for (Job& job : jobs_) {
      if (job.name == name) job.due = std::chrono::steady_clock::now();
    }
  }
  changed_.notify_all();
}

void Jobs::stop() {
  thread_.request_stop();
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Jobs::Job& Jobs::nextDue() {
  return *std::min_element(jobs_.begin(), jobs_.end(),
                           [](const Job& a, const Job& b) { return a.due < b.due; });
}

void Jobs::loop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    Job& job = nextDue();
    const Time due = job.due;
    if (std::chrono::steady_clock::now() < due) {
      changed_.wait_until(lock, stop, due, [&] { return nextDue().due < due; });
      continue;
    }
    job.due = Time::max();
    lock.unlock();
    runGuarded(job.name, job.work);
    lock.lock();
    // runSoon() may have asked for it again meanwhile.
    job.due = std::min(job.due, std::chrono::steady_clock::now() + job.interval);
  }
}

}  // namespace coffer::runtime
