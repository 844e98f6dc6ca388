// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/identity_routes.h"

#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/email_verification.h"
#include "services/vault/accounts/profile_json.h"
#include "services/vault/accounts/quiet_mail.h"
#include "services/vault/identity/registration.h"
#include "services/vault/identity/stand_in.h"
#include "services/vault/identity/token_grants.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/mail/links.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

using http::kNoBody;
using http::Lane;
using http::Method;
using http::Request;
using http::Response;

// An account that nobody has, or that has no password yet, looks like one that somebody has.
storage::Kdf kdfOf(const VaultContext& context, const std::string& email) {
  return context.database.read([&](storage::Transaction& tx) {
    const auto standIn = standInFor(context, tx, email);
    const auto user = storage::UserStore(tx).findByEmail(email);
    return user && !user->password.hash.empty() ? user->kdf : standIn.kdf;
  });
}

Response prelogin(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto kdf = kdfOf(context, normalizeEmail(document.object().requiredString("email")));
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject()
        .field("kdf", kdf.type)
        .field("kdfIterations", kdf.iterations)
        .field("kdfMemory", kdf.memory)
        .field("kdfParallelism", kdf.parallelism)
        .key("kdfSettings");
    writeKdf(writer, kdf);
    writer.field("salt", nullptr).endObject();
  });
}

Response registered(const char* object) {
  return jsonAnswer([&](json::Writer& writer) {
    writer.beginObject().field("object", object).field("captchaBypassToken", "").endObject();
  });
}

void welcome(const VaultContext& context, const Request& request, const storage::User& user) {
  if (!context.mailer.isEnabled()) return;
  if (mustVerify(context, user)) {
    welcomeToVerify(context, request, user);
  } else {
    context.mailer.send({MailKind::Welcome, user.email, {}});
  }
}

// Old clients know no first step: where addresses must be proved, this account cannot be entered
// before its owner has followed the link in the mail.
Response registerAtOnce(const VaultContext& context, Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto document = json::Document::parse(request.body());
  const auto user =
      registerAccount(context, readOldRegistration(document.object(), context.options));
  welcome(context, request, user);
  return registered("register");
}

RegistrationStart readStart(const json::Object& form) {
  RegistrationStart start;
  const auto email = parseEmail(form.requiredString("email"));
  if (!email) form.fail("email", "The Email field is not a valid e-mail address.");
  start.email = *email;
  start.name = readText(form, "name", kMaxNameLength);
  return start;
}

// Whoever has an account already gets no mail, and whoever asked does not learn that.
Response mailRegistrationToken(const VaultContext& context, const Request& request,
                               const RegistrationStart& start) {
  const std::string base = baseUrl(context, request);
  const std::string token = signRegistrationToken(context, base, start);
  const bool isTaken = context.database.read([&](storage::Transaction& tx) {
    const auto user = storage::UserStore(tx).findByEmail(start.email);
    return user && !user->password.hash.empty();
  });
  mailOrPretend(context,
                {MailKind::RegisterVerifyEmail,
                 start.email,
                 {{"link", finishSignupLink(base, start.email, token)}}},
                isTaken ? Recipient::Unknown : Recipient::Known);
  return Response::empty(204);
}

// Where no address has to be proved the token is the answer (vault-core 3.2).
Response sendVerificationEmail(const VaultContext& context, Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto document = json::Document::parse(request.body());
  auto start = readStart(document.object());
  const bool isAllowed = context.database.read(
      [&](storage::Transaction& tx) { return mayRegister(tx, context.options, start.email); });
  if (!isAllowed) throw BadRequest(kRegistrationRefused);
  start.isMailed = context.options.verifySignups && context.mailer.isEnabled();
  if (start.isMailed) return mailRegistrationToken(context, request, start);
  const std::string token = signRegistrationToken(context, baseUrl(context, request), start);
  return jsonAnswer([&](json::Writer& writer) { writer.value(token); });
}

Response verificationEmailClicked(const VaultContext& context, Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto email = normalizeEmail(form.requiredString("email"));
  if (!isRegistrationTokenFor(context, form.requiredString("emailVerificationToken"), email)) {
    throw BadRequest("Email verification token is invalid or has expired");
  }
  return done();
}

Response finishRegistration(const VaultContext& context, Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto document = json::Document::parse(request.body());
  const auto user = registerAccount(context, readFinishedRegistration(document.object(), context));
  welcome(context, request, user);
  return registered("registerFinish");
}

Response refuseSso(const VaultContext&, Request&) {
  throw BadRequest("SSO sign-in is not available");
}

}  // namespace

std::vector<http::Route> identityRoutes(const VaultContext& c) {
  const http::Guard& all = http::anyone();
  return {
      {Method::Post, "/identity/connect/token", all, kFormBody, Lane::Disk, with(c, grantToken)},

      {Method::Post, "/identity/accounts/prelogin", all, kSmallBody, Lane::Io, with(c, prelogin)},
      {Method::Post, "/identity/accounts/prelogin/password", all, kSmallBody, Lane::Io,
       with(c, prelogin)},
      {Method::Post, "/api/accounts/prelogin", all, kSmallBody, Lane::Io, with(c, prelogin)},

      {Method::Post, "/identity/accounts/register", all, kSmallBody, Lane::Hash,
       with(c, registerAtOnce)},
      {Method::Post, "/api/accounts/register", all, kSmallBody, Lane::Hash,
       with(c, registerAtOnce)},
      {Method::Post, "/identity/accounts/register/send-verification-email", all, kSmallBody,
       Lane::Disk, with(c, sendVerificationEmail)},
      {Method::Post, "/identity/accounts/register/verification-email-clicked", all, kSmallBody,
       Lane::Io, with(c, verificationEmailClicked)},
      {Method::Post, "/identity/accounts/register/finish", all, kSmallBody, Lane::Hash,
       with(c, finishRegistration)},

      {Method::Get, "/identity/sso/prevalidate", all, kNoBody, Lane::Io, with(c, refuseSso)},
      {Method::Get, "/identity/account/prevalidate", all, kNoBody, Lane::Io, with(c, refuseSso)},
  };
}

}  // namespace coffer::vault
