// SPDX-License-Identifier: BSD-2-Clause
#include "services/health/metrics_service.h"

#include "appliance/base/log.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <iterator>
#include <sstream>

namespace coffer::health {
namespace {

constexpr std::string_view kTextFormat = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

MetricsService::MetricsService(Collectables collectables, MetricsGuardOptions access)
    : collectables_(std::move(collectables)),
      guard_(std::move(access)),
      rows_{{http::Method::Get, "/", guard_, http::kNoBody, http::Lane::Disk,
             [this](http::Request&) {
               return http::Response::text(200, scrape(), kTextFormat)
                   .header("Cache-Control", "no-store");
             }}},
      router_(rows_, http::TrailingSlash::Optional) {}

http::Match MetricsService::match(http::Method method,
                                  std::span<const std::string> segments) const {
  return router_.match(method, segments);
}

http::Response MetricsService::renderError(const http::Request&, const Fault& fault) const {
  auto response = http::Response::text(http::statusOf(fault.kind()), fault.clientText() + '\n');
  const std::string_view challenge = guard_.challenge();
  if (fault.kind() == FaultKind::Unauthorized && !challenge.empty()) {
    response.header("WWW-Authenticate", challenge);
  }
  return response;
}

std::string MetricsService::scrape() const {
  std::vector<prometheus::MetricFamily> families;
  for (const prometheus::Collectable& part : collectables_) {
    try {
      auto more = part.Collect();
      families.insert(families.end(), std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
    } catch (const std::exception& error) {
      log::error("health", "some metrics could not be collected", {{"reason", error.what()}});
    }
  }
  std::ostringstream page;
  prometheus::TextSerializer().Serialize(page, families);
  return std::move(page).str();
}

}  // namespace coffer::health
