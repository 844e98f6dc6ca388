// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/job_metrics.h"

#include <prometheus/metric_family.h>

namespace coffer::runtime {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(const char* name, const char* help, MetricType type) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = type;
  return made;
}

void addValue(MetricFamily& family, std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  if (family.type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

}  // namespace

void JobMetrics::add(const std::string& job) {
  jobs_.with([&](auto& jobs) { jobs[job]; });
}

void JobMetrics::record(const std::string& job, std::chrono::duration<double> took,
                        std::optional<std::uint64_t> handled) {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  jobs_.with([&](auto& jobs) {
    Tally& tally = jobs[job];
    tally.lastDuration = took.count();
    if (!handled) {
      ++tally.failed;
      return;
    }
    ++tally.done;
    tally.handled += *handled;
    tally.lastSuccess = now.count();
  });
}

std::vector<MetricFamily> JobMetrics::Collect() const {
  auto runs = family("coffer_job_runs_total", "Runs of background jobs.", MetricType::Counter);
  auto handled = family("coffer_job_handled_total", "Things that background jobs dealt with.",
                        MetricType::Counter);
  auto success =
      family("coffer_job_last_success_timestamp_seconds",
             "When a background job last ended well; 0: not since the start.", MetricType::Gauge);
  auto duration = family("coffer_job_last_duration_seconds",
                         "How long the last run of a background job took.", MetricType::Gauge);
  jobs_.with([&](const auto& jobs) {
    for (const auto& [name, tally] : jobs) {
      addValue(runs, {{"job", name}, {"result", "done"}}, static_cast<double>(tally.done));
      addValue(runs, {{"job", name}, {"result", "failed"}}, static_cast<double>(tally.failed));
      addValue(handled, {{"job", name}}, static_cast<double>(tally.handled));
      addValue(success, {{"job", name}}, tally.lastSuccess);
      addValue(duration, {{"job", name}}, tally.lastDuration);
    }
  });
  return {std::move(runs), std::move(handled), std::move(success), std::move(duration)};
}

}  // namespace coffer::runtime
