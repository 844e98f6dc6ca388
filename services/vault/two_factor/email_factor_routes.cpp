// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/email.h"
#include "services/vault/codes/one_time_codes.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/two_factor/anonymous_proof.h"
#include "services/vault/two_factor/email_factor.h"
#include "services/vault/two_factor/set_up.h"
#include "services/vault/two_factor/set_up_answer.h"
#include "services/vault/two_factor/two_factor_routes.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr int kType = static_cast<int>(Provider::Email);
constexpr const char* kNotEnabled = "Two-step login by e-mail is not enabled.";

void requireMail(const VaultContext& context) {
  if (!context.mailer.isEnabled()) {
    throw BadRequest("This server sends no mail: two-step login by e-mail cannot be used.");
  }
}

// Both generations call a member "email": a text for the old, an object for the new (vault-extras
// 4.2). The client's version decides.
Response answer(const Request& request, std::string_view object,
                const std::optional<std::string>& address, std::string_view token = {}) {
  const auto flat = [&](json::Writer& writer) {
    writer.field("enabled", address.has_value()).field("email", address);
  };
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject();
    if (readsNestedShape(request)) {
      writer.field("enabled", address.has_value()).key("email").beginObject();
      flat(writer);
      writer.endObject();
    } else {
      flat(writer);
    }
    if (!token.empty()) writer.field("userVerificationToken", token);
    writer.field("object", object).endObject();
  });
}

std::string readAddress(const json::Object& form) {
  auto address = parseEmail(form.requiredString("email"));
  if (!address) form.fail("email", "The Email field is not a valid e-mail address.");
  return *address;
}

Response getEmail(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSecretKeeping(context, session, document.object());
  const auto address = context.database.read(
      [&](storage::Transaction& tx) { return factorAddress(tx, session.userId); });
  return answer(request, "twoFactorEmail", address,
                issueSetUpToken(context, session, Provider::Email));
}

// A factor that is in use stays until the new address is confirmed.
Response sendSetUpCode(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  requireMail(context);
  const std::string address = readAddress(form);
  requireSetUpProofKeeping(context, session, form, Provider::Email);
  context.throttle.chargeAnonymous(request.clientAddress());  // Mails cannot be called back.
  mailCode(context, session.userId, CodePurpose::EmailFactorSetUp, address);
  return done();
}

// Whether the code is right for the address it was sent to; then the factor is enabled. A wrong one
// counts, which a throw would undo.
bool confirm(const VaultContext& context, storage::Transaction& tx, const std::string& userId,
             const std::string& address, std::string_view code) {
  const UnixMicros now = context.clock.now();
  OneTimeCodes codes(tx, context.options.codes, now);
  if (codes.data(userId, CodePurpose::EmailFactorSetUp) != address) return false;
  if (codes.check(userId, CodePurpose::EmailFactorSetUp, code) != CodeCheck::Right) return false;
  codes.discard(userId, CodePurpose::EmailFactorLogin);  // It went to the old address.
  storage::TwoFactorStore(tx).put({.userId = userId,
                                   .type = kType,
                                   .enabled = true,
                                   .data = address,
                                   .lastUsed = 0,
                                   .createdAt = now,
                                   .revisedAt = now});
  factorEnabled(tx, userId, now);
  return true;
}

Response putEmail(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  requireMail(context);
  const std::string address = readAddress(form);
  const std::string code(form.requiredString("token"));
  requireSetUpProof(context, session, form, Provider::Email);
  const bool isRight = context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    return confirm(context, tx, session.userId, address, code);
  });
  if (!isRight) {
    log::error("vault", "Token is invalid! IP: " + request.clientAddress());
    form.fail("token", "Invalid token.");
  }
  return answer(request, "twoFactorEmailUpdate", address);
}

Response deleteEmail(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSetUpProof(context, session, document.object(), Provider::Email);
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    EmailFactor(context).remove(tx, session.userId);
    factorDisabled(tx, session.userId, context.clock.now());
  });
  return disabledAnswer(kType);
}

// Asked for by the client that a login has told of this factor.
Response sendLoginCode(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  requireMail(context);
  const auto attempt = requireLoginProof(context, request, document.object());
  const auto address = context.database.read(
      [&](storage::Transaction& tx) { return factorAddress(tx, attempt.user->id); });
  if (!address) throw BadRequest(kNotEnabled);
  mailCode(context, attempt.user->id, CodePurpose::EmailFactorLogin, *address);
  return done();
}

}  // namespace

std::vector<http::Route> emailFactorRoutes(const VaultContext& c) {
  const auto row = [&](Method method, const char* pattern,
                       Response (*handler)(const VaultContext&, Request&)) {
    return http::Route(method, pattern, c.session, kSmallBody, Lane::Hash, with(c, handler));
  };
  return {
      row(Method::Post, "/api/two-factor/get-email", getEmail),
      row(Method::Post, "/api/two-factor/send-email", sendSetUpCode),
      row(Method::Put, "/api/two-factor/email", putEmail),
      row(Method::Post, "/api/two-factor/email", putEmail),
      row(Method::Delete, "/api/two-factor/email", deleteEmail),
      {Method::Post, "/api/two-factor/send-email-login", http::anyone(), kSmallBody, Lane::Hash,
       with(c, sendLoginCode)},
  };
}

}  // namespace coffer::vault
