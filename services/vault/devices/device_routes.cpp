// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/devices/device_routes.h"

#include "appliance/base/log.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/auth_requests/auth_request_rules.h"
#include "services/vault/casing.h"
#include "services/vault/devices/device_json.h"
#include "services/vault/devices/device_types.h"
#include "services/vault/devices/push_tokens.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/notifications/push_relay.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"
#include "storage/stores/device_store.h"
#include "storage/stores/user_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kMaxIdentifier = 64;
constexpr std::size_t kMaxDeviceName = 255;

std::string requestedDevice(const Request& request) { return std::string(request.param("id")); }

Response answerDevice(const storage::Device& device) {
  return jsonAnswer([&](json::Writer& writer) { writeDevice(writer, device, nullptr); });
}

// Runs change(DeviceStore&) → bool on the session's own devices; false is not found.
template <typename F>
void changeDevice(const VaultContext& context, F&& change) {
  context.database.write([&](storage::Transaction& tx) {
    storage::DeviceStore devices(tx);
    if (!change(devices)) throw NotFound("Resource not found.");
  });
}

storage::Device loadDevice(const VaultContext& context, const std::string& userId,
                           const std::string& identifier) {
  auto device = context.database.read(
      [&](storage::Transaction& tx) { return storage::DeviceStore(tx).find(userId, identifier); });
  if (!device) throw NotFound("Resource not found.");
  return std::move(*device);
}

Response listDevices(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto [devices, pending] = context.database.read([&](storage::Transaction& tx) {
    return std::pair(storage::DeviceStore(tx).list(session.userId),
                     pendingRequests(tx, session.userId, context.clock.now()));
  });
  return listAnswer(
      devices, [&waiting = pending](json::Writer& writer, const storage::Device& device) {
        const auto own = std::find_if(waiting.begin(), waiting.end(), [&](const auto& one) {
          return one.requestDeviceIdentifier == device.identifier;
        });
        writeDevice(writer, device, own == waiting.end() ? nullptr : &*own);
      });
}

Response getDevice(const VaultContext& context, Request& request) {
  return answerDevice(
      loadDevice(context, request.attached<Session>().userId, requestedDevice(request)));
}

bool isKnownDevice(const VaultContext& context, std::string_view email,
                   std::string_view identifier) {
  return context.database.read([&](storage::Transaction& tx) {
    const auto user = storage::UserStore(tx).findByEmail(normalizeEmail(email));
    return user && storage::DeviceStore(tx).isKnown(user->id, identifier);
  });
}

Response answerKnown(bool isKnown) {
  return jsonAnswer([&](json::Writer& writer) { writer.value(isKnown); });
}

Response getKnownByHeaders(const VaultContext& context, Request& request) {
  const auto email = fromBase64Url(request.header("X-Request-Email"));
  const auto identifier = request.header("X-Device-Identifier");
  if (!email || email->empty() || !isUtf8(*email)) {
    throw BadRequest("X-Request-Email value is required");
  }
  if (identifier.empty()) throw BadRequest("X-Device-Identifier value is required");
  return answerKnown(isKnownDevice(context, *email, identifier));
}

Response getKnownByPath(const VaultContext& context, Request& request) {
  return answerKnown(isKnownDevice(context, request.param("email"), request.param("identifier")));
}

// What clients send to register or describe a device.
struct DeviceForm {
  int type;
  std::string name;
  std::optional<std::string> pushToken;
};

DeviceForm readDeviceForm(const json::Object& form) {
  const auto type = form.requiredInteger("type");
  form.requiredString("name");
  return {type >= 0 && type < 1000 ? static_cast<int>(type) : kUnknownDeviceType,
          *readText(form, "name", kMaxDeviceName), readPushToken(form)};
}

Response postDevice(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = readDeviceForm(document.object());
  document.object().requiredString("identifier");
  const auto identifier = *readText(document.object(), "identifier", kMaxIdentifier);
  PushTokenChange change({session.userId, identifier, form.pushToken});
  changeDevice(context, [&](storage::DeviceStore& devices) {
    devices.recordLogin({session.userId, identifier, form.type, form.name, context.clock.now()});
    return change.apply(devices);
  });
  change.tellRelay(context);
  return answerDevice(loadDevice(context, session.userId, identifier));
}

Response putDevice(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto identifier = requestedDevice(request);
  const auto document = json::Document::parse(request.body());
  const auto form = readDeviceForm(document.object());
  PushTokenChange change({session.userId, identifier, form.pushToken});
  changeDevice(context, [&](storage::DeviceStore& devices) {
    return devices.describe(session.userId, identifier, form.type, form.name) &&
           (!form.pushToken || change.apply(devices));
  });
  change.tellRelay(context);
  return answerDevice(loadDevice(context, session.userId, identifier));
}

Response removeDevice(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto identifier = requestedDevice(request);
  std::vector<std::string> gone;
  context.database.write([&](storage::Transaction& tx) {
    gone = pushUuidsOf(tx, session.userId, identifier);
    if (!storage::DeviceStore(tx).remove(session.userId, identifier)) {
      throw NotFound("Resource not found.");
    }
  });
  log::info("vault", "device removed", {{"email", session.email}});
  context.push.unregister(gone);
  Update update;
  update.type = UpdateType::LogOut;
  update.userId = session.userId;
  update.date = context.clock.now();
  update.onlyDevice = identifier;
  context.notifier.notify(update);
  return removed(request);
}

}  // namespace

std::vector<http::Route> deviceRoutes(const VaultContext& c) {
  const http::Guard& session = c.session;
  const http::Guard& all = http::anyone();
  const auto write = [&](Method method, const char* pattern, http::Handler handler) {
    return http::Route(method, pattern, session, kSmallBody, Lane::Disk, std::move(handler));
  };
  return {
      {Method::Get, "/api/devices", session, kNoBody, Lane::Io, with(c, listDevices)},
      write(Method::Post, "/api/devices", with(c, postDevice)),
      {Method::Get, "/api/devices/{id}", session, kNoBody, Lane::Io, with(c, getDevice)},
      write(Method::Put, "/api/devices/{id}", with(c, putDevice)),
      write(Method::Post, "/api/devices/{id}", with(c, putDevice)),
      write(Method::Delete, "/api/devices/{id}", with(c, removeDevice)),
      write(Method::Post, "/api/devices/{id}/deactivate", with(c, removeDevice)),
      {Method::Get, "/api/devices/identifier/{id}", session, kNoBody, Lane::Io, with(c, getDevice)},

      {Method::Get, "/api/devices/knowndevice", all, kNoBody, Lane::Io, with(c, getKnownByHeaders)},
      {Method::Get, "/api/devices/knowndevice/{email}/{identifier}", all, kNoBody, Lane::Io,
       with(c, getKnownByPath)},

  };
}

}  // namespace coffer::vault
