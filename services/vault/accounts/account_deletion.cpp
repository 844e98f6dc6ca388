// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/account_deletion.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/account_tokens.h"
#include "services/vault/accounts/account_updates.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/quiet_mail.h"
#include "services/vault/files/removed_files.h"
#include "services/vault/mail/links.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

// After the row is gone.
void finishDeletion(const VaultContext& context, const storage::User& user) {
  log::info("vault", "account deleted", {{"email", user.email}});
  tellOfLogOut(context, user, "");
  removeFilesOfRemovedRows(context);
}

}  // namespace

http::Response deleteOwnAccount(const VaultContext& context, http::Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto user = requireSecret(context, request.attached<Session>(), document.object());
  context.database.write([&](storage::Transaction& tx) {
    if (!storage::UserStore(tx).remove(user.id)) {
      throw Unauthorized("Unauthorized.", "the account is gone");
    }
  });
  finishDeletion(context, user);
  return done();
}

http::Response mailDeletion(const VaultContext& context, http::Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto document = json::Document::parse(request.body());
  const auto email = normalizeEmail(document.object().requiredString("email"));
  if (!context.mailer.isEnabled()) {
    throw BadRequest("Please contact the administrator to delete your account");
  }
  const auto user = context.database.read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findByEmail(email); });
  const std::string id = user ? user->id : randomUuid();
  const std::string base = baseUrl(context, request);
  const std::string token = signAccountToken(context, base, kDeleteAccountPurpose, id, email);
  mailOrPretend(
      context,
      {MailKind::DeleteAccount, email, {{"link", recoverDeleteLink(base, id, token, email)}}},
      user && !user->disabled ? Recipient::Known : Recipient::Unknown);
  return done();
}

http::Response deleteByToken(const VaultContext& context, http::Request& request) {
  context.throttle.chargeAnonymous(request.clientAddress());
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto userId = form.uuid("userId");
  const auto token = form.requiredString("token");
  std::optional<storage::User> user;
  if (userId) {
    user = context.database.write([&](storage::Transaction& tx) {
      storage::UserStore users(tx);
      auto found = users.findById(*userId);
      if (!found || found->disabled ||
          !isAccountTokenFor(context, token, kDeleteAccountPurpose, *found) ||
          !users.remove(found->id)) {
        found.reset();
      }
      return found;
    });
  }
  if (!user) throw BadRequest("The link is invalid or has expired.");
  finishDeletion(context, *user);
  return done();
}

}  // namespace coffer::vault
