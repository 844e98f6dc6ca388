// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/devices/push_tokens.h"

#include "appliance/base/random.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/devices/device_routes.h"
#include "services/vault/notifications/push_relay.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kMaxPushToken = 4096;
constexpr std::size_t kMaxWebPushField = 2048;

// The kinds that the relay knows how to wake.
bool isPhone(int deviceType) { return deviceType == 0 || deviceType == 1; }

std::string requestedDevice(const Request& request) { return std::string(request.param("id")); }

Response putPushToken(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  PushTokenChange change(
      {session.userId, requestedDevice(request), readPushToken(document.object())});
  context.database.write([&](storage::Transaction& tx) {
    storage::DeviceStore devices(tx);
    if (!change.apply(devices)) throw NotFound("Resource not found.");
  });
  change.tellRelay(context);
  return done();
}

// Anonymous, since a client calls it when its session is gone already. The answer never tells
// whether there is such a device.
Response clearPushToken(const VaultContext& context, Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto identifier = requestedDevice(request);
  std::vector<std::string> gone;
  context.database.write([&](storage::Transaction& tx) {
    storage::DeviceStore devices(tx);
    gone = devices.listPushUuids(identifier);
    devices.clearPushToken(identifier);
  });
  context.push.unregister(gone);
  return done();
}

// Kept for the day a browser is told by web push; nothing is sent there.
Response putWebPush(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  std::string stored;
  json::Writer writer(stored);
  writer.beginObject();
  for (const auto* name : {"endpoint", "p256dh", "auth"}) {
    form.requiredString(name);
    writer.field(name, readText(form, name, kMaxWebPushField));
  }
  writer.endObject();
  context.database.write([&](storage::Transaction& tx) {
    if (!storage::DeviceStore(tx).setWebPush(session.userId, requestedDevice(request), stored)) {
      throw NotFound("Resource not found.");
    }
  });
  return done();
}

}  // namespace

std::optional<std::string> readPushToken(const json::Object& form) {
  auto token = readText(form, "pushToken", kMaxPushToken);
  if (token && token->empty()) token.reset();
  return token;
}

bool PushTokenChange::apply(storage::DeviceStore& devices) {
  const auto device = devices.find(form_.userId, form_.identifier);
  if (!device) return false;
  std::optional<std::string> uuid;
  if (form_.token && isPhone(device->type)) uuid = device->pushUuid.value_or(randomUuid());
  isRegistered_ = uuid.has_value();
  gone_.clear();
  if (device->pushUuid && !uuid) gone_.push_back(*device->pushUuid);
  return devices.setPushToken(form_.userId, form_.identifier, form_.token, uuid);
}

void PushTokenChange::tellRelay(const VaultContext& context) const {
  if (isRegistered_) context.push.registerDevice(form_.userId, form_.identifier);
  context.push.unregister(gone_);
}

std::vector<http::Route> pushTokenRoutes(const VaultContext& c) {
  const auto write = [&](Method method, const char* pattern, http::Handler handler) {
    return http::Route(method, pattern, c.session, kSmallBody, Lane::Disk, std::move(handler));
  };
  return {
      write(Method::Put, "/api/devices/identifier/{id}/token", with(c, putPushToken)),
      write(Method::Post, "/api/devices/identifier/{id}/token", with(c, putPushToken)),
      write(Method::Put, "/api/devices/identifier/{id}/web-push-auth", with(c, putWebPush)),
      write(Method::Post, "/api/devices/identifier/{id}/web-push-auth", with(c, putWebPush)),
      {Method::Put, "/api/devices/identifier/{id}/clear-token", http::anyone(), kSmallBody,
       Lane::Disk, with(c, clearPushToken)},
      {Method::Post, "/api/devices/identifier/{id}/clear-token", http::anyone(), kSmallBody,
       Lane::Disk, with(c, clearPushToken)},
  };
}

}  // namespace coffer::vault
