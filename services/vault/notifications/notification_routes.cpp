// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/notification_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "services/vault/notifications/hub_guard.h"
#include "services/vault/notifications/notification_hub.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"
#include "storage/stores/auth_request_store.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

Response openHub(const VaultContext& context, Request& request) {
  return Response::upgrade(context.hub.userSocket(request.attached<Session>()),
                           NotificationHub::socketOptions());
}

// The parameter is "Token", which some clients write in lower case.
std::string requestedToken(const Request& request) {
  for (const auto* name : {"Token", "token", "TOKEN"}) {
    if (const auto value = request.query(name)) return *value;
  }
  return {};
}

bool isWaitedFor(const VaultContext& context, const std::string& requestId) {
  return context.database.read(
      [&](storage::Transaction& tx) { return storage::AuthRequestStore(tx).isKnown(requestId); });
}

Response openAnonymousHub(const VaultContext& context, Request& request) {
  const auto id = toLowerAscii(requestedToken(request));
  if (!isWaitedFor(context, id)) throw NotFound("Resource not found.");
  return Response::upgrade(context.hub.anonymousSocket(id, request.clientAddress()),
                           NotificationHub::socketOptions());
}

// For clients of SignalR that ask before they connect (vault-extras 7.1).
Response negotiate(const VaultContext&, Request&) {
  return jsonAnswer([](json::Writer& writer) {
    writer.beginObject().field("negotiateVersion", 0).field("connectionId", randomUuid());
    writer.key("availableTransports").beginArray().beginObject().field("transport", "WebSockets");
    writer.rawField("transferFormats", R"(["Text","Binary"])").endObject().endArray().endObject();
  });
}

}  // namespace

std::vector<http::Route> notificationRoutes(const VaultContext& c) {
  if (!c.options.webSocket) return {};
  return {
      {Method::Get, "/notifications/hub", c.hubGuard, kNoBody, Lane::Io, with(c, openHub)},
      {Method::Post, "/notifications/hub/negotiate", c.hubGuard, kSmallBody, Lane::Io,
       with(c, negotiate)},
      {Method::Get, "/notifications/anonymous-hub", http::anyone(), kNoBody, Lane::Io,
       with(c, openAnonymousHub)},
  };
}

}  // namespace coffer::vault
