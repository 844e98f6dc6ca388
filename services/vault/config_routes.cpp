// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/config_routes.h"

#include "appliance/base/fault.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"
#include "storage/stores/invitation_store.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

void writeEnvironment(json::Writer& writer, const std::string& base) {
  writer.beginObject()
      .field("vault", base)
      .field("api", base + "/api")
      .field("identity", base + "/identity")
      .field("notifications", base + "/notifications")
      .field("sso", "")
      .field("cloudRegion", nullptr)
      .endObject();
}

void writeFlags(json::Writer& writer, const std::map<std::string, bool>& flags) {
  std::string object = "{";
  for (const auto& [name, isOn] : flags) {
    if (object.size() > 1) object += ',';
    json::appendQuoted(object, name);
    object += isOn ? ":true" : ":false";
  }
  writer.raw(object + "}");
}

Response getConfig(const VaultContext& context, Request& request) {
  const std::string base = baseUrl(context, request);
  const bool isRegistrationHidden = isRegistrationOff(context);
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("version", kServerVersion)
        .field("gitHash", COFFER_VERSION)
        .key("server")
        .beginObject()
        .field("name", "Coffer")
        .field("url", base)
        .endObject()
        .key("settings")
        .beginObject()
        .field("disableUserRegistration", isRegistrationHidden)
        .field("suppressOnboardingInterstitials", false)
        .endObject()
        .key("environment");
    writeEnvironment(writer, base);
    writer.key("push")
        .beginObject()
        .field("pushTechnology", 0)
        .field("vapidPublicKey", nullptr)
        .endObject()
        .key("featureStates");
    writeFlags(writer, context.options.featureStates);
    writer.field("communication", nullptr).field("object", "config").endObject();
  });
}

// Alive means that the vault can be read and can keep what it is given.
Response getAlive(const VaultContext& context, Request&) {
  if (!context.database.isWritable()) throw Unavailable("The database cannot be written.");
  context.database.read([](storage::Transaction& tx) { storage::UserStore(tx).findById(""); });
  return jsonAnswer([&](json::Writer& writer) { writer.date(context.clock.now()); });
}

Response getNow(const VaultContext& context, Request&) {
  return jsonAnswer([&](json::Writer& writer) { writer.date(context.clock.now()); });
}

Response getVersion(const VaultContext&, Request&) {
  return jsonAnswer([](json::Writer& writer) { writer.value(kServerVersion); });
}

}  // namespace

bool isRegistrationOff(const VaultContext& context) {
  switch (context.options.signups) {
    case SignupPolicy::Closed:
      return true;
    case SignupPolicy::First:
      // Whoever is invited needs the way in.
      return context.database.read([](storage::Transaction& tx) {
        return storage::UserStore(tx).count() > 0 &&
               !storage::InvitationStore(tx).isAnybodyInvited();
      });
    default:
      return false;
  }
}

std::vector<http::Route> configRoutes(const VaultContext& c) {
  const auto get = [](const char* pattern, http::Handler handler) {
    return http::Route(Method::Get, pattern, http::anyone(), kNoBody, Lane::Io, std::move(handler));
  };
  return {
      get("/api/config", with(c, getConfig)),   get("/alive", with(c, getAlive)),
      get("/api/alive", with(c, getAlive)),     get("/identity/alive", with(c, getAlive)),
      get("/api/now", with(c, getNow)),         get("/identity/now", with(c, getNow)),
      get("/api/version", with(c, getVersion)),
  };
}

}  // namespace coffer::vault
