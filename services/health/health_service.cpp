// SPDX-License-Identifier: BSD-2-Clause
#include "services/health/health_service.h"

#include "appliance/base/log.h"

#include <exception>

namespace coffer::health {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

Response alive() { return Response::json(R"({"status":"ok"})"); }

}  // namespace

// The root may be asked whether it is ready and therefore runs where that may wait for the disk;
// /live answers also when the disk does not.
HealthService::HealthService(std::function<bool()> isStorageWritable)
    : isStorageWritable_(std::move(isStorageWritable)),
      rows_{
          {Method::Get, "/", http::anyone(), http::kNoBody, Lane::Disk,
           [this](Request& request) { return request.query("ready") ? ready() : alive(); }},
          {Method::Get, "/live", http::anyone(), http::kNoBody, Lane::Io,
           [](Request&) { return alive(); }},
          {Method::Get, "/ready", http::anyone(), http::kNoBody, Lane::Disk,
           [this](Request&) { return ready(); }},
      },
      router_(rows_, http::TrailingSlash::Optional) {}

http::Match HealthService::match(Method method, std::span<const std::string> segments) const {
  return router_.match(method, segments);
}

Response HealthService::ready() const {
  try {
    if (isStorageWritable_()) return alive();
    log::error("health", "storage cannot be written");
  } catch (const std::exception& error) {
    log::error("health", "storage cannot be written", {{"reason", error.what()}});
  }
  return Response::json(R"({"status":"unavailable"})", 503);
}

Response HealthService::renderError(const Request&, const Fault& fault) const {
  return Response::json(R"({"status":"error"})", http::statusOf(fault.kind()));
}

void HealthService::decorate(const Request&, Response& response) const {
  response.header("Cache-Control", "no-store");
}

}  // namespace coffer::health
