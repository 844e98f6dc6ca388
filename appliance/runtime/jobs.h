// SPDX-License-Identifier: BSD-2-Clause
//
// Small things that are done again and again in the background: one thread, which sleeps until the
// next job is due and is not woken in between. Jobs run one after the other and should be short.
//
// What a job throws is logged, and the job runs again at its next time.
// Threads: every member from any thread, except that add() comes before start().
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace coffer::runtime {

class Jobs {
 public:
  Jobs() = default;
  ~Jobs() { stop(); }
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // First runs `delay` after start(), then `interval` after each end.
  void add(std::string name, std::chrono::milliseconds interval, std::chrono::milliseconds delay,
           std::function<void()> work);

  void start();  // Starts no thread when there are no jobs.
  // Asks for a job now, ahead of its time; returns at once. Nothing happens for an unknown name.
  void runSoon(std::string_view name);
  void stop();  // Lets a running job end.

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Job {
    std::string name;
    std::chrono::milliseconds interval;
    std::function<void()> work;
    Time due;
  };

  void loop(const std::stop_token& stop);
  Job& nextDue();

  std::vector<Job> jobs_;  // Not resized once the thread runs; `due` is protected by mutex_.
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace coffer::runtime
