// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/guards.h"

#include "appliance/base/fault.h"

namespace coffer::restic {
namespace {

// False when a password must be hashed first. Throws Unauthorized.
bool logIn(Authenticator& authenticator, http::Request& request, http::Lane lane) {
  auto user = authenticator.identify(request, lane);
  if (!user) return false;
  request.setUser(std::move(*user));
  return true;
}

}  // namespace

http::Admission RouteGuard::admit(http::Request& request, http::Lane lane) const {
  if (!logIn(authenticator_, request, lane)) return http::Admission::NeedsHashLane;
  auto grant = std::make_shared<Grant>(Grant{request.user(), parseObjectPath(request.segments())});
  const Level level = rules_.levelOf(grant->user, grant->path.folders);
  if (level == Level::None) {
    throw Unauthorized("Unauthorized", "no right to repository " + grant->path.repository());
  }
  const Level needed = neededLevel(request.method(), grant->path);
  if (level < needed) {
    throw Forbidden("Forbidden", std::string("needs ") + std::string(nameOf(needed)) + ", has " +
                                     std::string(nameOf(level)));
  }
  request.attach<Grant>(std::move(grant));
  return http::Admission::Granted;
}

http::Admission UnmatchedGuard::admit(http::Request& request, http::Lane lane) const {
  if (!logIn(authenticator_, request, lane)) return http::Admission::NeedsHashLane;
  const ObjectPath path = parseObjectPath(request.segments());
  if (rules_.levelOf(request.user(), path.folders) == Level::None) {
    throw Unauthorized("Unauthorized", "no right to repository " + path.repository());
  }
  return http::Admission::Granted;
}

http::Admission MetricsGuard::admit(http::Request& request, http::Lane lane) const {
  if (!logIn(authenticator_, request, lane)) return http::Admission::NeedsHashLane;
  if (private_ && !authenticator_.asksNobody() && request.user() != "metrics") {
    throw Unauthorized("Unauthorized", "metrics are for the user \"metrics\" only");
  }
  return http::Admission::Granted;
}

}  // namespace coffer::restic
