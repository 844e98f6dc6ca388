// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/webauthn_routes.h"

#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/respond.h"
#include "services/vault/two_factor/set_up.h"
#include "services/vault/two_factor/set_up_answer.h"
#include "services/vault/two_factor/webauthn_keys.h"

#include <string_view>

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

void writeKeys(json::Writer& writer, const std::vector<storage::WebAuthnCredential>& keys) {
  writer.field("enabled", !keys.empty()).key("keys").beginArray();
  for (const auto& key : keys) {
    writer.beginObject()
        .field("id", key.slot)
        .field("name", key.name)
        .field("migrated", key.migrated)
        .endObject();
  }
  writer.endArray();
}

Response answerKeys(const VaultContext& context, const Session& session, const char* object,
                    std::string_view setUpToken = {}) {
  const auto keys = listSecurityKeys(context, session);
  return setUpAnswer({"webAuthn", object}, setUpToken,
                     [&](json::Writer& writer) { writeKeys(writer, keys); });
}

Response getKeys(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSecretKeeping(context, session, document.object());
  return answerKeys(context, session, "twoFactorWebAuthn",
                    issueSetUpToken(context, session, Provider::WebAuthn));
}

Response getChallenge(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto user =
      requireSetUpProofKeeping(context, session, document.object(), Provider::WebAuthn);
  const auto party = relyingParty(context, request);
  const auto asked = requestSecurityKey(context, session);
  const CreationOptions options{party, user, KeyPurpose::SecondFactor, asked.challenge,
                                asked.known};
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject();
    writeCreationOptions(writer, options);
    writer.key("options").beginObject();
    writeCreationOptions(writer, options);
    writer.endObject().field("object", "twoFactorWebAuthnChallenge").endObject();
  });
}

Response putKey(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  requireSetUpProof(context, session, form, Provider::WebAuthn);
  const NewSecurityKey key{form.requiredInteger("id"),
                           readText(form, "name", kMaxNameLength).value_or(""),
                           readCreation(form.requiredObject("deviceResponse"))};
  addSecurityKey(context, session, relyingParty(context, request), key);
  return answerKeys(context, session, "twoFactorWebAuthnUpdate");
}

Response deleteKey(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  requireSetUpProof(context, session, form, Provider::WebAuthn);
  removeSecurityKey(context, session, form.requiredInteger("id"));
  return answerKeys(context, session, "twoFactorWebAuthnDelete");
}

Response deleteAllKeys(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSetUpProof(context, session, document.object(), Provider::WebAuthn);
  removeSecurityKeys(context, session);
  return answerKeys(context, session, "twoFactorWebAuthnDelete");
}

}  // namespace

std::vector<http::Route> webauthnFactorRoutes(const VaultContext& c) {
  const http::Guard& user = c.session;
  return {
      {Method::Post, "/api/two-factor/get-webauthn", user, kSmallBody, Lane::Hash,
       with(c, getKeys)},
      {Method::Post, "/api/two-factor/get-webauthn-challenge", user, kSmallBody, Lane::Hash,
       with(c, getChallenge)},
      {Method::Put, "/api/two-factor/webauthn", user, kSmallBody, Lane::Hash, with(c, putKey)},
      {Method::Post, "/api/two-factor/webauthn", user, kSmallBody, Lane::Hash, with(c, putKey)},
      {Method::Delete, "/api/two-factor/webauthn", user, kSmallBody, Lane::Hash,
       with(c, deleteKey)},
      {Method::Delete, "/api/two-factor/webauthn/all", user, kSmallBody, Lane::Hash,
       with(c, deleteAllKeys)},
  };
}

}  // namespace coffer::vault
