// SPDX-License-Identifier: BSD-2-Clause
#include "services/health/metrics_guard.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <stdexcept>

namespace coffer::health {
namespace {

using http::Request;

constexpr const char* kRefusal = "The metrics are not for you.";

std::string describe(const MetricsGuardOptions& options) {
  std::string text;
  switch (options.access) {
    case MetricsAccess::Anyone:
      return std::string(http::anyone().description());
    case MetricsAccess::Users:
      text = options.users->description();
      break;
    case MetricsAccess::Local:
      text = "this machine";
      break;
  }
  return options.token.empty() ? text : text + " or token";
}

std::string_view bearerToken(const Request& request) {
  constexpr std::string_view scheme = "bearer ";
  const std::string_view value = request.header("Authorization");
  if (value.size() <= scheme.size() ||
      !equalsIgnoringCase(value.substr(0, scheme.size()), scheme)) {
    return {};
  }
  return trim(value.substr(scheme.size()));
}

bool isLoopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

// A proxy on this machine that is not configured as trusted makes everybody's requests look local.
// What it adds to them gives it away.
bool wasForwarded(const Request& request) {
  for (const char* name : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"}) {
    if (request.hasHeader(name)) return true;
  }
  return false;
}

bool isLocal(const Request& request) {
  const std::string& client = request.clientAddress();
  if (request.cameThroughTrustedProxy()) return isLoopback(client);
  return (isLoopback(client) || client == "unix") && !wasForwarded(request);
}

}  // namespace

MetricsGuard::MetricsGuard(MetricsGuardOptions options) : options_(std::move(options)) {
  if (options_.access == MetricsAccess::Users && options_.users == nullptr) {
    throw std::logic_error("metrics for users need a guard that knows them");
  }
  description_ = describe(options_);
}

http::Admission MetricsGuard::admit(Request& request, http::Lane lane) const {
  if (options_.access == MetricsAccess::Anyone) return http::Admission::Granted;
  const std::string_view token = bearerToken(request);
  const bool hasToken = !options_.token.empty() && !token.empty() &&
                        equalsInConstantTime(token, options_.token.reveal());
  if (hasToken) return http::Admission::Granted;
  if (options_.access == MetricsAccess::Users) return options_.users->admit(request, lane);
  if (isLocal(request)) return http::Admission::Granted;
  if (!options_.token.empty()) throw Unauthorized(kRefusal);
  throw Forbidden(kRefusal, "metrics.access is local");
}

std::string_view MetricsGuard::challenge() const {
  if (options_.access == MetricsAccess::Users) return R"(Basic realm="metrics")";
  return options_.token.empty() ? "" : R"(Bearer realm="metrics")";
}

}  // namespace coffer::health
