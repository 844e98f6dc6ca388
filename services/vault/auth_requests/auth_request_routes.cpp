// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/auth_requests/auth_request_routes.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/random.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/email.h"
#include "services/vault/auth_requests/auth_request_json.h"
#include "services/vault/auth_requests/auth_request_rules.h"
#include "services/vault/devices/device_types.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"
#include "storage/stores/device_store.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kMaxPublicKey = 2000;
constexpr std::size_t kMaxIdentifier = 64;
constexpr std::size_t kMaxKey = 5000;
constexpr std::size_t kMaxPasswordHash = 1000;

Response answer(const storage::AuthRequest& made) {
  return jsonAnswer([&](json::Writer& writer) { writeAuthRequest(writer, made); });
}

std::string idOf(const Request& request) { return toLowerAscii(request.param("id")); }

std::string bounded(const json::Object& form, std::string_view name, std::size_t most) {
  const auto text = form.requiredString(name);
  if (text.size() > most) form.fail(name, "The field " + std::string(name) + " is too long.");
  return std::string(text);
}

std::optional<std::string> boundedIfAny(const json::Object& form, std::string_view name,
                                        std::size_t most) {
  const auto text = form.string(name);
  if (!text) return std::nullopt;
  if (text->size() > most) form.fail(name, "The field " + std::string(name) + " is too long.");
  return std::string(*text);
}

storage::AuthRequest readRequest(const VaultContext& context, const Request& request,
                                 const json::Object& form) {
  const auto deviceType = request.header("Device-Type");
  if (deviceType.empty()) throw BadRequest("Device type not provided.");
  const auto type = form.requiredInteger("type");
  if (type != 0 && type != 1) form.fail("type", "This kind of request is not known.");
  storage::AuthRequest made;
  made.id = randomUuid();
  made.type = static_cast<int>(type);
  made.requestDeviceIdentifier = bounded(form, "deviceIdentifier", kMaxIdentifier);
  made.requestDeviceType = parseDeviceType(deviceType);
  made.requestIp = request.clientAddress();
  made.accessCodeHash = sha256(bounded(form, "accessCode", kAccessCodeLength));
  made.publicKey = bounded(form, "publicKey", kMaxPublicKey);
  made.origin = baseUrl(context, request);
  made.createdAt = context.clock.now();
  return made;
}

void tell(const VaultContext& context, UpdateType type, const storage::AuthRequest& request,
          const std::string& actingDevice, UnixMicros date) {
  Update update;
  update.type = type;
  update.userId = request.userId;
  update.actingDevice = actingDevice;
  update.id = request.id;
  update.date = date;
  context.notifier.notify(update);
}

Response create(const VaultContext& context, Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto document = json::Document::parse(request.body());
  const auto email = normalizeEmail(document.object().requiredString("email"));
  auto made = readRequest(context, request, document.object());
  const bool isKnown = context.database.write([&](storage::Transaction& tx) {
    const auto user = storage::UserStore(tx).findByEmail(email);
    if (!user || user->disabled ||
        !storage::DeviceStore(tx).isKnown(user->id, made.requestDeviceIdentifier)) {
      return false;
    }
    storage::AuthRequestStore requests(tx);
    if (requests.list(user->id, made.createdAt - kAuthRequestLifetime).size() >=
        kMaxPendingRequests) {
      throw TooManyRequests("Too many requests. Try again later.");
    }
    made.userId = user->id;
    requests.insert(made);
    return true;
  });
  if (!isKnown) throw BadRequest("User or known device not found.");
  tell(context, UpdateType::AuthRequest, made, made.requestDeviceIdentifier, made.createdAt);
  return answer(made);
}

Response list(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const UnixMicros since = context.clock.now() - kAuthRequestLifetime;
  const auto requests = context.database.read([&](storage::Transaction& tx) {
    return storage::AuthRequestStore(tx).list(session.userId, since);
  });
  return listAnswer(requests, [](json::Writer& writer, const storage::AuthRequest& one) {
    writeAuthRequest(writer, one);
  });
}

Response listPending(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto requests = context.database.read([&](storage::Transaction& tx) {
    return pendingRequests(tx, session.userId, context.clock.now());
  });
  return listAnswer(requests, [](json::Writer& writer, const storage::AuthRequest& one) {
    writeAuthRequest(writer, one, DeviceId::Included);
  });
}

Response get(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto found = context.database.read([&](storage::Transaction& tx) {
    return storage::AuthRequestStore(tx).find(session.userId, idOf(request));
  });
  if (!found) throw NotFound("Resource not found.");
  return answer(*found);
}

// How whoever asked learns the answer. A wrong code and no request at all look the same, and only
// they are charged: clients ask every few seconds while their owner looks for the other device.
Response getResponse(const VaultContext& context, Request& request) {
  const auto found = context.database.read([&](storage::Transaction& tx) {
    return findByCode(tx, idOf(request), request.query("code").value_or(""), context.clock.now());
  });
  if (!found) {
    context.throttle.chargeAnonymous(request.clientAddress());
    throw NotFound("Resource not found.");
  }
  return answer(*found);
}

// An approval is for the newest request of its device: an older one may be a stranger's, shown to
// somebody who expects their own.
void requireNewest(storage::Transaction& tx, const storage::AuthRequest& request, UnixMicros now) {
  for (const auto& pending : pendingRequests(tx, request.userId, now)) {
    if (pending.requestDeviceIdentifier == request.requestDeviceIdentifier &&
        pending.id != request.id) {
      throw BadRequest(
          "This request is no longer valid. Make sure to approve the most recent one.");
    }
  }
}

storage::AuthRequest record(const VaultContext& context, const Session& session,
                            const std::string& id, const storage::AuthAnswer& given) {
  return context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    const UnixMicros now = context.clock.now();
    storage::AuthRequestStore requests(tx);
    const auto found = requests.find(session.userId, id);
    if (!found || isOver(*found, now)) throw NotFound("Resource not found.");
    if (given.approved) requireNewest(tx, *found, now);
    if (!requests.answer(id, given, now)) {
      throw BadRequest("An authentication request with the same device already exists");
    }
    return *requests.find(id);
  });
}

Response respond(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto approved = form.boolean("requestApproved");
  if (!approved) form.fail("requestApproved", "The RequestApproved field is required.");
  if (form.requiredString("deviceIdentifier") != session.deviceIdentifier) {
    form.fail("deviceIdentifier", "The answer must come from the device that is logged in.");
  }
  storage::AuthAnswer given;
  given.approved = *approved;
  given.deviceIdentifier = session.deviceIdentifier;
  if (given.approved) {
    given.key = bounded(form, "key", kMaxKey);
    given.masterPasswordHash = boundedIfAny(form, "masterPasswordHash", kMaxPasswordHash);
  }
  const auto answered = record(context, session, idOf(request), given);
  if (given.approved) {
    tell(context, UpdateType::AuthRequestResponse, answered, session.deviceIdentifier,
         *answered.respondedAt);
  }
  return answer(answered);
}

}  // namespace

std::vector<http::Route> authRequestRoutes(const VaultContext& c) {
  const http::Guard& session = c.session;
  return {
      {Method::Post, "/api/auth-requests", http::anyone(), kSmallBody, Lane::Disk, with(c, create)},
      {Method::Get, "/api/auth-requests", session, kNoBody, Lane::Io, with(c, list)},
      {Method::Get, "/api/auth-requests/pending", session, kNoBody, Lane::Io, with(c, listPending)},
      {Method::Get, "/api/auth-requests/{id}", session, kNoBody, Lane::Io, with(c, get)},
      {Method::Put, "/api/auth-requests/{id}", session, kSmallBody, Lane::Disk, with(c, respond)},
      {Method::Get, "/api/auth-requests/{id}/response", http::anyone(), kNoBody, Lane::Io,
       with(c, getResponse)},
  };
}

}  // namespace coffer::vault
