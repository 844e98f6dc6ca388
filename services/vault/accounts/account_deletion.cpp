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
#include "services/vault/notifications/push_relay.h"
#include "services/vault/respond.h"

namespace coffer::vault {
namespace {

// Takes the account's row, with everything that hangs on it. False when it was gone. `phones` are
// those that the push relay still knows.
bool removeAccount(storage::Transaction& tx, const std::string& userId,
                   std::vector<std::string>& phones) {
  phones = pushUuidsOf(tx, userId);
  return storage::UserStore(tx).remove(userId);
}

// After the row is gone.
void finishDeletion(const VaultContext& context, const storage::User& user,
                    const std::vector<std::string>& phones) {
  context.push.unregister(phones);
  log::info("vault", "account deleted", {{"email", user.email}});
  tellOfLogOut(context, user, "");
  removeFilesOfRemovedRows(context);
}

}  // namespace

http::Response deleteOwnAccount(const VaultContext& context, http::Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto user = requireSecret(context, request.attached<Session>(), document.object());
  std::vector<std::string> phones;
  context.database.write([&](storage::Transaction& tx) {
    if (!removeAccount(tx, user.id, phones)) {
      throw Unauthorized("Unauthorized.", "the account is gone");
    }
  });
  finishDeletion(context, user, phones);
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
  std::vector<std::string> phones;
  if (userId) {
    user = context.database.write([&](storage::Transaction& tx) {
      storage::UserStore users(tx);
      auto found = users.findById(*userId);
      if (!found || found->disabled ||
          !isAccountTokenFor(context, token, kDeleteAccountPurpose, *found) ||
          !removeAccount(tx, found->id, phones)) {
        found.reset();
      }
      return found;
    });
  }
  if (!user) throw BadRequest("The link is invalid or has expired.");
  finishDeletion(context, *user, phones);
  return done();
}

}  // namespace coffer::vault
