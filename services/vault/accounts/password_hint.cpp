// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/password_hint.h"

#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/quiet_mail.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/respond.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {
namespace {

Mail hintMail(const std::string& email, const std::optional<std::string>& hint) {
  if (hint) return {MailKind::PasswordHint, email, {{"hint", *hint}}};
  return {MailKind::NoPasswordHint, email, {}};
}

}  // namespace

http::Response sendPasswordHint(const VaultContext& context, http::Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const bool isMailed = context.mailer.isEnabled();
  if (!context.options.passwordHints || (!isMailed && !context.options.showPasswordHints)) {
    throw BadRequest("This server is not configured to provide password hints.");
  }
  const auto document = json::Document::parse(request.body());
  const auto email = normalizeEmail(document.object().requiredString("email"));
  const auto user = context.database.read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findByEmail(email); });
  const auto hint = user ? user->passwordHint : std::nullopt;
  if (isMailed) {
    mailOrPretend(context, hintMail(email, hint), user ? Recipient::Known : Recipient::Unknown);
    return done();
  }
  if (!hint) throw BadRequest("Sorry, you have no password hint...");
  throw BadRequest("Your password hint is: " + *hint);
}

}  // namespace coffer::vault
