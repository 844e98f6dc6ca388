// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/metrics_beside_restic.h"

namespace coffer::runtime {

MetricsBesideRestic::MetricsBesideRestic(const http::Service& restic, const http::Service& metrics)
    : restic_(restic), metrics_(metrics) {
  rows_.assign(restic.routes().begin(), restic.routes().end());
  for (const http::Route& row : metrics.routes()) {
    rows_.emplace_back(row.method(), "/metrics", row.guard(), row.limit(), row.lane(),
                       row.handler());
  }
}

// The rows are copies in the same order, so a row is found again by its place.
http::Match MetricsBesideRestic::match(http::Method method,
                                       std::span<const std::string> segments) const {
  if (segments.size() == 1 && segments[0] == "metrics") {
    const std::vector<std::string> root{""};
    http::Match match = metrics_.match(http::Method::Get, root);
    if (match.route) {
      match.route = &rows_[restic_.routes().size() +
                           static_cast<std::size_t>(match.route - metrics_.routes().data())];
    }
    return match;
  }
  http::Match match = restic_.match(method, segments);
  if (match.route)
    match.route = &rows_[static_cast<std::size_t>(match.route - restic_.routes().data())];
  return match;
}

http::Response MetricsBesideRestic::renderError(const http::Request& request,
                                                const Fault& fault) const {
  return restic_.renderError(request, fault);
}

void MetricsBesideRestic::decorate(const http::Request& request, http::Response& response) const {
  restic_.decorate(request, response);
}

}  // namespace coffer::runtime
