// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/log.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/devices/device_json.h"
#include "services/vault/devices/device_routes.h"
#include "services/vault/respond.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

std::string requestedDevice(const Request& request) { return std::string(request.param("id")); }

[[noreturn]] void refuseUnknown() { throw NotFound("Resource not found."); }

Response putKeys(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto identifier = requestedDevice(request);
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto userKey = readSealed(form, "encryptedUserKey");
  const auto publicKey = readSealed(form, "encryptedPublicKey");
  const auto privateKey = readSealed(form, "encryptedPrivateKey");
  const auto device = context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    storage::DeviceStore devices(tx);
    if (!devices.setTrust(session.userId, identifier, userKey, publicKey, privateKey)) {
      refuseUnknown();
    }
    return *devices.find(session.userId, identifier);
  });
  return jsonAnswer([&](json::Writer& writer) { writeDevice(writer, device, nullptr); });
}

Response retrieveKeys(const VaultContext& context, Request& request) {
  const auto identifier = requestedDevice(request);
  const auto document = json::Document::parse(request.body());
  const auto user = requireSecret(context, request.attached<Session>(), document.object());
  const auto device = context.database.read(
      [&](storage::Transaction& tx) { return storage::DeviceStore(tx).find(user.id, identifier); });
  if (!device) refuseUnknown();
  return jsonAnswer([&](json::Writer& writer) { writeProtectedDevice(writer, *device); });
}

// New wrappings of the user key after it was rotated; the device's own private key stays.
struct TrustUpdate {
  std::string identifier;
  std::string userKey;
  std::string publicKey;
};

TrustUpdate readUpdate(const json::Object& form, std::string identifier) {
  return {std::move(identifier), readSealed(form, "encryptedUserKey"),
          readSealed(form, "encryptedPublicKey")};
}

std::vector<TrustUpdate> readUpdates(const json::Object& form, const Session& session) {
  std::vector<TrustUpdate> updates{
      readUpdate(form.requiredObject("currentDevice"), session.deviceIdentifier)};
  if (const auto others = form.array("otherDevices")) {
    for (std::size_t i = 0; i < others->size(); ++i) {
      const auto other = others->object(i);
      updates.push_back(readUpdate(other, std::string(other.requiredString("deviceId"))));
    }
  }
  return updates;
}

Response updateTrust(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto updates = readUpdates(document.object(), session);
  const auto user = requireSecret(context, session, document.object());
  changeCheckedUser(context, user, [&](storage::UserStore&, storage::Transaction& tx) {
    storage::DeviceStore devices(tx);
    for (const auto& update : updates) {
      const auto device = devices.find(user.id, update.identifier);
      if (!device || !isTrusted(*device) ||
          !devices.setTrust(user.id, update.identifier, update.userKey, update.publicKey,
                            device->encryptedPrivateKey)) {
        refuseUnknown();
      }
    }
    return true;
  });
  return done();
}

Response untrust(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto list = document.object().array("devices");
  if (!list) document.object().fail("devices", "The Devices field is required.");
  context.database.write([&](storage::Transaction& tx) {
    storage::DeviceStore devices(tx);
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (!devices.setTrust(session.userId, list->string(i), std::nullopt, std::nullopt,
                            std::nullopt)) {
        refuseUnknown();
      }
    }
  });
  return done();
}

// A client that finds its trust broken says so; it is for the owner of the box to see.
Response reportLostTrust(const VaultContext&, Request& request) {
  const auto& session = request.attached<Session>();
  log::warning("vault", "a device lost its trust",
               {{"email", session.email}, {"device", session.deviceIdentifier}});
  return done();
}

}  // namespace

std::vector<http::Route> deviceTrustRoutes(const VaultContext& c) {
  const auto write = [&](Method method, const char* pattern, Lane lane, http::Handler handler) {
    return http::Route(method, pattern, c.session, kFormBody, lane, std::move(handler));
  };
  return {
      write(Method::Put, "/api/devices/{id}/keys", Lane::Disk, with(c, putKeys)),
      write(Method::Post, "/api/devices/{id}/keys", Lane::Disk, with(c, putKeys)),
      write(Method::Post, "/api/devices/{id}/retrieve-keys", Lane::Hash, with(c, retrieveKeys)),
      write(Method::Post, "/api/devices/update-trust", Lane::Hash, with(c, updateTrust)),
      write(Method::Post, "/api/devices/untrust", Lane::Disk, with(c, untrust)),
      write(Method::Post, "/api/devices/lost-trust", Lane::Io, with(c, reportLostTrust)),
  };
}

}  // namespace coffer::vault
