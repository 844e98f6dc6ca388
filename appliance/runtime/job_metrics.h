// SPDX-License-Identifier: BSD-2-Clause
//
// What background jobs did, handed to prometheus-cpp when it is scraped:
//   coffer_job_runs_total{job,result}                  counter; result "done" or "failed"
//   coffer_job_handled_total{job}                      counter; things dealt with
//   coffer_job_last_success_timestamp_seconds{job}     gauge; 0: not since the start
//   coffer_job_last_duration_seconds{job}              gauge
// Threads: any.
#pragma once

#include "appliance/base/guarded.h"

#include <prometheus/collectable.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace coffer::runtime {

class JobMetrics final : public prometheus::Collectable {
 public:
  void add(const std::string& job);  // Shown with zeros until it ran.
  // One run; nothing for `handled`: it failed.
  void record(const std::string& job, std::chrono::duration<double> took,
              std::optional<std::uint64_t> handled);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct Tally {
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    std::uint64_t handled = 0;
    double lastSuccess = 0;
    double lastDuration = 0;
  };
  Guarded<std::map<std::string, Tally>> jobs_;
};

}  // namespace coffer::runtime
