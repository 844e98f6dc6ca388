// SPDX-License-Identifier: BSD-2-Clause
//
// What Prometheus scrapes: GET on the mount itself, in the text format 0.0.4.
#pragma once

#include "appliance/http/router.h"
#include "appliance/http/service.h"
#include "services/health/metrics_guard.h"

#include <prometheus/collectable.h>

#include <functional>
#include <string>
#include <vector>

namespace coffer::health {

// Each is asked at every scrape, on the disk lane, from several threads at once, and must outlive
// the service. No two may give out a family of the same name.
using Collectables = std::vector<std::reference_wrapper<const prometheus::Collectable>>;

class MetricsService final : public http::Service {
 public:
  MetricsService(Collectables collectables, MetricsGuardOptions access);

  std::string_view name() const override { return "metrics"; }
  std::span<const http::Route> routes() const override { return rows_; }
  http::Match match(http::Method method, std::span<const std::string> segments) const override;
  http::Response renderError(const http::Request& request, const Fault& fault) const override;

  // The page. A part that fails is left out and logged: the rest is worth more than nothing.
  std::string scrape() const;

 private:
  Collectables collectables_;
  MetricsGuard guard_;
  std::vector<http::Route> rows_;
  http::Router router_;
};

}  // namespace coffer::health
