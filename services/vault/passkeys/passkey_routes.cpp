// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkey_routes.h"

#include "appliance/base/bytes.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/passkeys/passkey_form.h"
#include "services/vault/passkeys/passkey_json.h"
#include "services/vault/passkeys/passkey_tokens.h"
#include "services/vault/passkeys/passkeys.h"
#include "services/vault/respond.h"
#include "services/vault/webauthn/options_json.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kAssertionOptionsObject = "webAuthnLoginAssertionOptions";

Response list(const VaultContext& context, Request& request) {
  return listAnswer(listPasskeys(context, request.attached<Session>().userId), writePasskey);
}

// {"options":{…},"token":"…","object":…}; `options(writer)` writes the members of the first.
template <typename Options>
Response answerOptions(const std::string& token, const char* object, Options&& options) {
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject().key("options").beginObject();
    options(writer);
    writer.endObject().field("token", token).field("object", object).endObject();
  });
}

Response attestationOptions(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto user = requireSecret(context, session, document.object());
  const auto party = relyingParty(context, request);
  const auto issued = issuePasskeyChallenge(context, PasskeyCeremony::Creation, user.id);
  CreationOptions options{party, user, KeyPurpose::Passkey, issued.challenge, {}};
  for (const auto& known : listPasskeys(context, user.id)) {
    options.known.push_back(known.credentialId);
  }
  return answerOptions(issued.token, "webauthnCredentialCreateOptions",
                       [&](json::Writer& writer) { writeCreationOptions(writer, options); });
}

Response create(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  NewPasskey passkey;
  passkey.name = readText(form, "name", kMaxNameLength).value_or("");
  if (passkey.name.empty()) form.fail("name", "The Name field is required.");
  passkey.token = form.requiredString("token");
  passkey.response = readCreation(form.requiredObject("deviceResponse"));
  passkey.supportsPrf = form.boolean("supportsPrf").value_or(false);
  passkey.keys = findPasskeyKeys(form);
  addPasskey(context, request.attached<Session>(), relyingParty(context, request), passkey);
  return done();
}

// For a passkey that could unlock and does not yet: only those are asked for.
Response keySetOptions(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto user = requireSecret(context, session, document.object());
  const auto party = relyingParty(context, request);
  const auto issued = issuePasskeyChallenge(context, PasskeyCeremony::KeySet, user.id);
  AssertionOptions options{party, KeyPurpose::Passkey, issued.challenge, {}};
  for (const auto& known : listPasskeys(context, user.id)) {
    if (known.supportsPrf) options.allowed.push_back(known.credentialId);
  }
  return answerOptions(issued.token, kAssertionOptionsObject,
                       [&](json::Writer& writer) { writeAssertionOptions(writer, options); });
}

Response setKeys(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const KeySetUpdate update{std::string(form.requiredString("token")),
                            readAssertion(form.requiredObject("deviceResponse")),
                            readPasskeyKeys(form)};
  updateKeySet(context, request.attached<Session>(), relyingParty(context, request), update);
  return done();
}

Response remove(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSecret(context, session, document.object());
  removePasskey(context, session, toLowerAscii(request.param("id")));
  return done();
}

// Anybody may ask: what is allowed to answer is known only when it has.
Response loginOptions(const VaultContext& context, Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto party = relyingParty(context, request);
  const auto issued = issuePasskeyChallenge(context, PasskeyCeremony::Login, "");
  const AssertionOptions options{party, KeyPurpose::Passkey, issued.challenge, {}};
  return answerOptions(issued.token, kAssertionOptionsObject,
                       [&](json::Writer& writer) { writeAssertionOptions(writer, options); });
}

}  // namespace

std::vector<http::Route> passkeyRoutes(const VaultContext& c) {
  const http::Guard& user = c.session;
  // After a change of the keys the web client asks with the session from before.
  const http::Guard& tolerant = c.sessionWithPreviousStamp;
  return {
      {Method::Get, "/api/webauthn", tolerant, kNoBody, Lane::Io, with(c, list)},
      {Method::Post, "/api/webauthn/attestation-options", user, kSmallBody, Lane::Hash,
       with(c, attestationOptions)},
      {Method::Post, "/api/webauthn", user, kSmallBody, Lane::Disk, with(c, create)},
      {Method::Post, "/api/webauthn/assertion-options", user, kSmallBody, Lane::Hash,
       with(c, keySetOptions)},
      {Method::Put, "/api/webauthn", user, kSmallBody, Lane::Disk, with(c, setKeys)},
      {Method::Post, "/api/webauthn/{id}/delete", user, kSmallBody, Lane::Hash, with(c, remove)},
      {Method::Get, "/identity/accounts/webauthn/assertion-options", http::anyone(), kNoBody,
       Lane::Hash, with(c, loginOptions)},
  };
}

}  // namespace coffer::vault
