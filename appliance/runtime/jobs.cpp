// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/jobs.h"

#include "appliance/base/log.h"

#include <algorithm>
#include <exception>
#include <pthread.h>

namespace coffer::runtime {
namespace {

using std::chrono::steady_clock;
using std::chrono::sys_seconds;

// How long a jump of the wall clock may go unseen.
constexpr std::chrono::minutes kLookAgain{5};

sys_seconds wallClock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

void Jobs::add(std::string name, std::chrono::milliseconds interval,
               std::chrono::milliseconds delay, std::function<void()> work) {
  auto counted = [work = std::move(work)] {
    work();
    return std::uint64_t{0};
  };
  jobs_.push_back({std::move(name), interval, std::nullopt, std::move(counted), Time(delay), {}});
}

void Jobs::add(std::string name, const CronSchedule& schedule, Work work) {
  if (metrics_) metrics_->add(name);
  jobs_.push_back({std::move(name), {}, schedule, std::move(work), {}, {}});
}

void Jobs::start() {
  if (jobs_.empty() || thread_.joinable()) return;
  // Until now `due` of a job without a schedule held the delay alone.
  const Time now = steady_clock::now();
  for (Job& job : jobs_) {
    if (job.schedule) {
      plan(job);
    } else {
      job.due = now + job.due.time_since_epoch();
    }
  }
  thread_ = std::jthread([this](std::stop_token stop) { loop(stop); });
  ::pthread_setname_np(thread_.native_handle(), "jobs");
}

void Jobs::runSoon(std::string_view name) {
  {
    std::lock_guard lock(mutex_);
    for (Job& job : jobs_) {
      if (job.name != name) continue;
      job.due = steady_clock::now();
      job.moment = wallClock();
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

void Jobs::plan(Job& job) const {
  if (!job.schedule) {
    job.due = std::min(job.due, steady_clock::now() + job.interval);
    return;
  }
  const sys_seconds now = wallClock();
  const auto next = job.schedule->next(now);
  job.moment = next.value_or(sys_seconds::max());
  const auto wait = next ? std::min<std::chrono::seconds>(*next - now, kLookAgain) : kLookAgain;
  job.due = steady_clock::now() + wait;
}

// A job that is due by the steady clock may be early by the wall clock: its moment is far, or the
// clock went back.
bool Jobs::isTooEarly(Job& job) const {
  if (!job.schedule || wallClock() >= job.moment) return false;
  plan(job);
  return true;
}

void Jobs::run(const Job& job) const {
  const Time begin = steady_clock::now();
  std::optional<std::uint64_t> handled;
  try {
    handled = job.work();
  } catch (const std::exception& e) {
    log::error("runtime", "a background job failed", {{"job", job.name}, {"error", e.what()}});
  }
  if (metrics_ && job.schedule) metrics_->record(job.name, steady_clock::now() - begin, handled);
}

void Jobs::loop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    Job& job = nextDue();
    const Time due = job.due;
    if (steady_clock::now() < due) {
      changed_.wait_until(lock, stop, due, [&] { return nextDue().due < due; });
      continue;
    }
    if (isTooEarly(job)) continue;
    job.due = Time::max();
    lock.unlock();
    run(job);
    lock.lock();
    // runSoon() may have asked for it again meanwhile.
    if (job.due == Time::max() || !job.schedule) plan(job);
  }
}

}  // namespace coffer::runtime
