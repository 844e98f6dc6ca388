// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/email_verification.h"

#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/account_tokens.h"
#include "services/vault/mail/links.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

constexpr UnixMicros kReminderEvery = kHour;
constexpr std::int64_t kMaxReminders = 6;

Mail verificationMail(const VaultContext& context, const http::Request& request, MailKind kind,
                      const storage::User& user) {
  const std::string base = baseUrl(context, request);
  const std::string token =
      signAccountToken(context, base, kVerifyEmailPurpose, user.id, user.email);
  return {kind, user.email, {{"link", verifyEmailLink(base, user.id, token)}}};
}

void sendCounted(const VaultContext& context, const http::Request& request, MailKind kind,
                 const storage::User& user, std::int64_t most) {
  const UnixMicros now = context.clock.now();
  const auto mail = context.mailer.render(verificationMail(context, request, kind, user));
  context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    const auto sent = users.findVerificationMails(user.id);
    if (!sent || sent->count >= most || (sent->lastAt && now - *sent->lastAt < kReminderEvery)) {
      return;
    }
    if (users.countVerificationMail(user.id, now)) context.mailer.enqueue(tx, mail);
  });
  context.mailer.sendSoon();
}

}  // namespace

bool countsAsVerified(const VaultContext& context, const storage::User& user) {
  return !context.mailer.isEnabled() || user.emailVerifiedAt;
}

bool mustVerify(const VaultContext& context, const storage::User& user) {
  return context.options.verifySignups && !countsAsVerified(context, user);
}

void remindToVerify(const VaultContext& context, const http::Request& request,
                    const storage::User& user) {
  sendCounted(context, request, MailKind::VerifyEmail, user, kMaxReminders);
}

void welcomeToVerify(const VaultContext& context, const http::Request& request,
                     const storage::User& user) {
  sendCounted(context, request, MailKind::WelcomeMustVerify, user, 1);
}

http::Response mailVerification(const VaultContext& context, http::Request& request) {
  if (!context.mailer.isEnabled()) throw BadRequest("Cannot verify email address");
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto user = loadUser(context, request.attached<Session>());
  context.mailer.send(verificationMail(context, request, MailKind::VerifyEmail, user));
  return done();
}

http::Response verifyByToken(const VaultContext& context, http::Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto userId = form.uuid("userId");
  const auto token = form.requiredString("token");
  const bool isVerified = userId && context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    const auto user = users.findById(*userId);
    if (!user || !isAccountTokenFor(context, token, kVerifyEmailPurpose, *user)) return false;
    return user->emailVerifiedAt || users.setEmailVerified(user->id, context.clock.now());
  });
  if (!isVerified) throw BadRequest("The link is invalid or has expired.");
  log::info("vault", "address verified", {{"user", *userId}});
  return done();
}

}  // namespace coffer::vault
