// SPDX-License-Identifier: BSD-2-Clause
//
// What can be mounted on a listener. One object may be mounted in several places.
#pragma once

#include "appliance/base/fault.h"
#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "appliance/http/route.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::http {

using Params = std::vector<std::pair<std::string, std::string>>;

// A route, or the methods that the path has ("GET, POST": 405), or neither (404).
struct Match {
  const Route* route = nullptr;
  Params params;
  std::string allow;
};

class Service {
 public:
  virtual ~Service() = default;

  virtual std::string_view name() const = 0;          // "vault", as mounts name it.
  virtual std::span<const Route> routes() const = 0;  // For `coffer routes`, in a fixed order.

  // Finds the row for a method and the decoded segments of the path below the mount. A HEAD that
  // no row names is answered by the GET row, where the service's Router says so.
  virtual Match match(Method method, std::span<const std::string> segments) const = 0;

  // Asked before a 404 or 405 of this service is given, so that a stranger learns nothing.
  virtual const Guard& unmatchedGuard() const { return anyone(); }

  // The protocol's own body for a refusal or a fault. Must not throw. `request` may lack a route.
  // The core logs the fault's detail; the response never carries it. For 405 `allow` holds the
  // methods, and the core adds the Allow header itself.
  virtual Response renderError(const Request& request, const Fault& fault) const = 0;

  // Last look at every response of this service, refusals included: security headers, CORS.
  virtual void decorate(const Request& request, Response& response) const;
};

// Status for a kind of fault: the one place where the two meet.
int statusOf(FaultKind kind);

}  // namespace coffer::http
