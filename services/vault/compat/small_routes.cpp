// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/compat/small_routes.h"

#include "services/vault/accounts/account_access.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

// Security tasks, notifications: none.
Response listNothing(const VaultContext&, Request&) { return emptyList(); }

// There are no security tasks, so none can be completed.
Response completeTask(const VaultContext&, Request&) { throw NotFound("Resource not found."); }

// Breaches known of an address: no service that knows any is asked.
Response listBreaches(const VaultContext&, Request&) { return Response::json("[]"); }

// Clients report what organizations want to see. Without organizations there is nobody to see it.
Response collectEvents(const VaultContext&, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto events = document.array();
  for (std::size_t i = 0; i < events.size(); ++i) events.object(i).requiredInteger("type");
  return done();
}

Response refuseSecondVersion(const VaultContext&, Request&) {
  throw BadRequest("This server does not support this version of account encryption.");
}

}  // namespace

std::vector<http::Route> smallRoutes(const VaultContext& c) {
  const auto get = [&](const char* pattern, http::Handler handler) {
    return http::Route(Method::Get, pattern, c.session, kNoBody, Lane::Io, std::move(handler));
  };
  return {
      get("/api/tasks", with(c, listNothing)),
      {Method::Patch, "/api/tasks/{id}/complete", c.session, kSmallBody, Lane::Io,
       with(c, completeTask)},
      get("/api/notifications", with(c, listNothing)),
      get("/api/hibp/breach", with(c, listBreaches)),
      {Method::Post, "/events/collect", c.session, kFormBody, Lane::Io, with(c, collectEvents)},
      {Method::Post, "/api/accounts/key-management/rotate-user-keys", c.session, kJsonBody,
       Lane::Io, with(c, refuseSecondVersion)},
  };
}

}  // namespace coffer::vault
