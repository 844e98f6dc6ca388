// SPDX-License-Identifier: BSD-2-Clause
//
// The process and the machine it is on, read at every scrape:
//   process_start_time_seconds, process_cpu_seconds_total, process_resident_memory_bytes,
//   process_virtual_memory_bytes, process_open_fds, process_max_fds, process_threads
//   coffer_build_info{version}
//   coffer_disk_free_bytes{folder}, coffer_disk_size_bytes{folder}
//   coffer_tls_certificate_expiry_timestamp_seconds{listener}
// The process_ names and their meaning are those of the official Prometheus clients; rest-server's
// dashboard is empty without process_start_time_seconds.
#pragma once

#include "appliance/base/clock.h"

#include <prometheus/collectable.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace coffer::health {

struct ProcessMetricsOptions {
  std::string version;
  // Label → path of a folder whose file system is watched: "data" → data_dir.
  std::vector<std::pair<std::string, std::string>> folders;
  // Listener → when its certificate expires. Called at every scrape; may be empty.
  std::function<std::vector<std::pair<std::string, UnixMicros>>()> certificates;
};

// Threads: Collect() from any. What cannot be read is left out.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  explicit ProcessMetrics(ProcessMetricsOptions options);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  ProcessMetricsOptions options_;
  double startTime_;  // Seconds since 1970; 0 when the kernel does not say.
};

}  // namespace coffer::health
