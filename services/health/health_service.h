// SPDX-License-Identifier: BSD-2-Clause
//
// Is it alive, is it ready? For load balancers, containers and `coffer healthcheck`; nobody has to
// log in. Below the mount:
//   /, /live        200 {"status":"ok"} as long as requests are answered at all
//   /ready, /?ready 200 when storage can be written, else 503 {"status":"unavailable"}
#pragma once

#include "appliance/http/router.h"
#include "appliance/http/service.h"

#include <functional>
#include <vector>

namespace coffer::health {

class HealthService final : public http::Service {
 public:
  // `isStorageWritable` is asked on the disk lane, from several threads at once; what it throws
  // counts as no and is logged.
  explicit HealthService(std::function<bool()> isStorageWritable);

  std::string_view name() const override { return "health"; }
  std::span<const http::Route> routes() const override { return rows_; }
  http::Match match(http::Method method, std::span<const std::string> segments) const override;
  http::Response renderError(const http::Request& request, const Fault& fault) const override;
  void decorate(const http::Request& request, http::Response& response) const override;

 private:
  http::Response ready() const;

  std::function<bool()> isStorageWritable_;
  std::vector<http::Route> rows_;
  http::Router router_;
};

}  // namespace coffer::health
