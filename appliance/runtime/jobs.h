// SPDX-License-Identifier: BSD-2-Clause
//
// Small things that are done again and again in the background: one thread, which sleeps until the
// next job is due. Jobs run one after the other and should be short.
//
// A job runs at an interval, or at the moments of a schedule on the wall clock. The clock of a
// small box may jump when the network comes: scheduled jobs look at it every few minutes, so that
// one whose moment was jumped over runs then, once. What a job throws is logged, and the job runs
// again at its next time. Threads: every member from any thread, except that add() comes before
// start().
#pragma once

#include "appliance/base/cron.h"
#include "appliance/runtime/job_metrics.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace coffer::runtime {

class Jobs {
 public:
  // Returns how many things it dealt with, for the metrics.
  using Work = std::function<std::uint64_t()>;

  // Only scheduled jobs are counted. The metrics must outlive it.
  explicit Jobs(JobMetrics* metrics = nullptr) : metrics_(metrics) {}
  ~Jobs() { stop(); }
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // First runs `delay` after start(), then `interval` after each end.
  void add(std::string name, std::chrono::milliseconds interval, std::chrono::milliseconds delay,
           std::function<void()> work);
  void add(std::string name, const CronSchedule& schedule, Work work);

  void start();  // Starts no thread when there are no jobs.
  // Asks for a job now, ahead of its time; returns at once. Nothing happens for an unknown name.
  void runSoon(std::string_view name);
  void stop();  // Lets a running job end.

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Job {
    std::string name;
    std::chrono::milliseconds interval;
    std::optional<CronSchedule> schedule;
    Work work;
    Time due;                         // With a schedule: when to look at the wall clock again.
    std::chrono::sys_seconds moment;  // With a schedule: when it runs.
  };

  void loop(const std::stop_token& stop);
  Job& nextDue();
  [[nodiscard]] bool isTooEarly(Job& job) const;
  void plan(Job& job) const;
  void run(const Job& job) const;

  JobMetrics* metrics_;
  std::vector<Job> jobs_;  // Not resized once the thread runs; times are protected by mutex_.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace coffer::runtime
