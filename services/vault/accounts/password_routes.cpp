// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/random.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/account_deletion.h"
#include "services/vault/accounts/account_routes.h"
#include "services/vault/accounts/key_rotation.h"
#include "services/vault/accounts/key_rotation_data.h"
#include "services/vault/accounts/password_change.h"
#include "services/vault/casing.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr std::size_t kApiKeyLength = 30;

using Operation = void (*)(const VaultContext&, const Session&, const json::Object&);

// Parses the body, runs the operation, answers with nothing.
template <Operation operation>
Response run(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  operation(context, request.attached<Session>(), document.object());
  return done();
}

Response postSecurityStamp(const VaultContext& context, Request& request) {
  run<endAllSessions>(context, request);
  return removed(request);
}

Response postFirstPassword(const VaultContext& context, Request& request) {
  run<setFirstPassword>(context, request);
  return Response::json(R"({"object":"set-password","captchaBypassToken":""})");
}

Response verifyPassword(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  requirePassword(context, request.attached<Session>(),
                  document.object().requiredString("masterPasswordHash"));
  return jsonAnswer([](json::Writer& writer) {
    writer.beginObject().field("object", "masterPasswordPolicy").endObject();
  });
}

enum class ApiKey { KeepIfThere, Renew };

Response answerApiKey(const VaultContext& context, const Request& request, ApiKey wish) {
  const auto document = json::Document::parse(request.body());
  auto user = requireSecret(context, request.attached<Session>(), document.object());
  if (wish == ApiKey::Renew || !user.apiKey) {
    user = changeCheckedUser(context, user, [&](storage::UserStore& users, storage::Transaction&) {
      const auto current = users.findById(user.id);
      // Another client may just have made the first one: that is the key of both then.
      if (wish == ApiKey::KeepIfThere && current && current->apiKey) return true;
      return users.setApiKey(user.id, randomAlphanumeric(kApiKeyLength), context.clock.now());
    });
  }
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("apiKey", user.apiKey)
        .dateField("revisionDate", user.revisedAt)
        .field("object", "apiKey")
        .endObject();
  });
}

Response getApiKey(const VaultContext& context, Request& request) {
  return answerApiKey(context, request, ApiKey::KeepIfThere);
}

Response rotateApiKey(const VaultContext& context, Request& request) {
  return answerApiKey(context, request, ApiKey::Renew);
}

void rotateAccountKeys(const VaultContext& context, const Session& session,
                       const json::Object& form) {
  const auto user = loadUser(context, session);
  rotateKeys(context, session, readKeyRotation(form, session, user, context.options));
}

void rotateKeysAsBefore(const VaultContext& context, const Session& session,
                        const json::Object& form) {
  rotateKeys(context, session, readOldKeyRotation(form, session, context.options));
}

void setVerifyDevices(const VaultContext& context, const Session& session,
                      const json::Object& form) {
  const auto verify = form.boolean("verifyDevices");
  if (!verify) form.fail("verifyDevices", "The VerifyDevices field is required.");
  const auto user = requireSecret(context, session, form);
  changeCheckedUser(context, user, [&](storage::UserStore& users, storage::Transaction&) {
    return users.setVerifyDevices(user.id, *verify, context.clock.now());
  });
}

}  // namespace

std::vector<http::Route> passwordRoutes(const VaultContext& c) {
  const http::Guard& session = c.session;
  const auto post = [&](const char* pattern, http::Handler handler) {
    return http::Route(Method::Post, pattern, session, kSmallBody, Lane::Hash, std::move(handler));
  };
  return {
      post("/api/accounts/verify-password", with(c, verifyPassword)),
      post("/api/accounts/password", with(c, run<changePassword>)),
      post("/api/accounts/kdf", with(c, run<changeKdf>)),
      post("/api/accounts/security-stamp", with(c, postSecurityStamp)),
      post("/api/accounts/api-key", with(c, getApiKey)),
      post("/api/accounts/rotate-api-key", with(c, rotateApiKey)),
      post("/api/accounts/verify-devices", with(c, run<setVerifyDevices>)),
      {Method::Put, "/api/accounts/verify-devices", session, kSmallBody, Lane::Hash,
       with(c, run<setVerifyDevices>)},
      {Method::Get, "/api/accounts/key-management/key-rotation-data", session, http::kNoBody,
       Lane::Io, with(c, getKeyRotationData)},
      // Reached by the web client with the token from before a password change.
      {Method::Post, "/api/accounts/key-management/rotate-user-account-keys",
       c.sessionWithPreviousStamp, kJsonBody, Lane::Hash, with(c, run<rotateAccountKeys>)},
      {Method::Post, "/api/accounts/key", session, kJsonBody, Lane::Hash,
       with(c, run<rotateKeysAsBefore>)},
      post("/api/accounts/set-password", with(c, postFirstPassword)),
      {Method::Put, "/api/accounts/update-temp-password", session, kSmallBody, Lane::Hash,
       with(c, run<replaceTemporaryPassword>)},
      {Method::Put, "/api/accounts/update-tde-offboarding-password", session, kSmallBody,
       Lane::Hash, with(c, run<replaceTemporaryPassword>)},
      post("/api/accounts/delete", with(c, deleteOwnAccount)),
      {Method::Delete, "/api/accounts", session, kSmallBody, Lane::Hash, with(c, deleteOwnAccount)},
  };
}

}  // namespace coffer::vault
