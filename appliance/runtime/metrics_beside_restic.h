// SPDX-License-Identifier: BSD-2-Clause
//
// rest-server's one address space: /metrics, exactly so and with any method, is the metrics, and
// everything else, "/metrics/" included, is a repository's. A mount of its own at /metrics would
// hide a repository of that name, which users called "metrics" have.
#pragma once

#include "appliance/http/service.h"

#include <vector>

namespace coffer::runtime {

class MetricsBesideRestic final : public http::Service {
 public:
  // Both must outlive it.
  MetricsBesideRestic(const http::Service& restic, const http::Service& metrics);

  std::string_view name() const override { return restic_.name(); }
  std::span<const http::Route> routes() const override { return rows_; }
  http::Match match(http::Method method, std::span<const std::string> segments) const override;
  const http::Guard& unmatchedGuard() const override { return restic_.unmatchedGuard(); }
  http::Response renderError(const http::Request& request, const Fault& fault) const override;
  void decorate(const http::Request& request, http::Response& response) const override;

 private:
  const http::Service& restic_;
  const http::Service& metrics_;
  std::vector<http::Route> rows_;  // Restic's, then those of the metrics.
};

}  // namespace coffer::runtime
