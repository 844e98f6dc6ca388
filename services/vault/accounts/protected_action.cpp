// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/protected_action.h"

#include "services/vault/accounts/account_access.h"
#include "services/vault/codes/one_time_codes.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

constexpr UnixMicros kRequestEvery = 30 * kSecond;

void requireNotTooSoon(OneTimeCodes& codes, const std::string& userId, UnixMicros now) {
  const auto sentAt = codes.sentAt(userId, CodePurpose::ProtectedAction);
  if (!sentAt || now - *sentAt >= kRequestEvery) return;
  const auto wait = (kRequestEvery - (now - *sentAt) + kSecond - 1) / kSecond;
  throw BadRequest("Please wait " + std::to_string(wait) +
                   " seconds before requesting another code.");
}

}  // namespace

http::Response mailProtectedActionCode(const VaultContext& context, http::Request& request) {
  if (!context.mailer.isEnabled()) {
    throw BadRequest("This server sends no mail. Use your master password instead of a code.");
  }
  const auto& session = request.attached<Session>();
  const UnixMicros now = context.clock.now();
  context.database.write([&](storage::Transaction& tx) {
    OneTimeCodes codes(tx, context.options.codes, now);
    requireNotTooSoon(codes, session.userId, now);
    const auto code = codes.issue(session.userId, CodePurpose::ProtectedAction);
    context.mailer.enqueue(
        tx, context.mailer.render({MailKind::ProtectedAction, session.email, {{"code", code}}}));
  });
  context.mailer.sendSoon();
  return done();
}

http::Response verifyProtectedActionCode(const VaultContext& context, http::Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto code = document.object().requiredString("otp");
  if (!isProtectedActionCode(context, request.attached<Session>(), code)) {
    throw BadRequest("Invalid token");
  }
  return done();
}

}  // namespace coffer::vault
