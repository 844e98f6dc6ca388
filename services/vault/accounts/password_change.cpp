// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/password_change.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/account_updates.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/notifications/push_relay.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {
namespace {

// `masterPasswordHash` of the present password, wherever the form has it.
storage::User requireOldPassword(const VaultContext& context, const Session& session,
                                 const json::Object& form) {
  return requirePassword(context, session, form.requiredString("masterPasswordHash"));
}

Credentials readOldShape(const json::Object& form, const storage::Kdf& kdf) {
  Credentials credentials;
  credentials.passwordHash = readPasswordHash(form, "newMasterPasswordHash");
  credentials.userKey = readSealed(form, "key");
  credentials.kdf = kdf;
  return credentials;
}

enum class Hint { Keep, Replace };
// How long the session that made the change may go on with its token.
enum class OldStamp { ForAWhile, Void };

storage::User storeCredentials(const VaultContext& context, const storage::User& checked,
                               const Credentials& next, OldStamp oldStamp, Hint hintChange,
                               const std::optional<std::string>& hint,
                               const std::optional<storage::AccountKeys>& keys = {}) {
  storage::PasswordChange change;
  change.password = context.passwords.make(next.passwordHash);
  change.kdf = next.kdf;
  change.userKey = next.userKey;
  change.securityStamp = randomUuid();
  const UnixMicros now = context.clock.now();
  if (oldStamp == OldStamp::ForAWhile) change.previousStampUntil = now + kPreviousStampGrace;

  return changeCheckedUser(
      context, checked, [&](storage::UserStore& users, storage::Transaction& tx) {
        storage::DeviceStore(tx).forgetTokens(checked.id);
        return users.setPassword(checked.id, change, now) &&
               (hintChange == Hint::Keep || users.setPasswordHint(checked.id, hint, now)) &&
               (!keys || users.setKeys(checked.id, *keys, now)) &&
               (!next.containedKeyId || users.setUserKeyId(checked.id, *next.containedKeyId, now));
      });
}

}  // namespace

void changePassword(const VaultContext& context, const Session& session, const json::Object& form) {
  const auto user = requireOldPassword(context, session, form);
  const auto hint = readHint(form, context.options.passwordHints);
  const auto credentials = readCredentials(form, kChangeNames, {user.email, 0, user.kdf});
  const auto changed =
      storeCredentials(context, user, credentials ? *credentials : readOldShape(form, user.kdf),
                       OldStamp::ForAWhile, Hint::Replace, hint);
  log::info("vault", "master password changed", {{"email", user.email}});
  tellOfLogOut(context, changed, session.deviceIdentifier);
}

void changeKdf(const VaultContext& context, const Session& session, const json::Object& form) {
  const auto user = requireOldPassword(context, session, form);
  const auto minimum = context.options.minimumClientIterations;
  const auto credentials = readCredentials(form, kChangeNames, {user.email, minimum, {}});
  const auto changed = storeCredentials(
      context, user, credentials ? *credentials : readOldShape(form, readFlatKdf(form, minimum)),
      OldStamp::ForAWhile, Hint::Keep, std::nullopt);
  log::info("vault", "key derivation changed", {{"email", user.email}});
  tellOfLogOut(context, changed, session.deviceIdentifier);
}

void setFirstPassword(const VaultContext& context, const Session& session,
                      const json::Object& form) {
  const auto user = loadUser(context, session);
  if (!user.password.hash.empty() || !user.userKey.empty()) {
    throw BadRequest("Account already initialized, cannot set password");
  }
  const auto hint = readHint(form, context.options.passwordHints);
  const auto minimum = context.options.minimumClientIterations;
  const auto credentials = readCredentials(form, kRegistrationNames, {user.email, minimum, {}});
  const auto keys = readKeysUnder(form, "keys");
  const auto changed = storeCredentials(
      context, user, credentials ? *credentials : readLooseCredentials(form, "key", minimum),
      OldStamp::ForAWhile, Hint::Replace, hint, keys);
  log::info("vault", "first master password set", {{"email", user.email}});
  if (context.mailer.isEnabled()) context.mailer.send({MailKind::Welcome, changed.email, {}});
}

void replaceTemporaryPassword(const VaultContext& context, const Session& session,
                              const json::Object& form) {
  const auto user = loadUser(context, session);
  if (!user.forcePasswordReset) throw BadRequest("The master password is not a temporary one.");
  const auto hint = readHint(form, context.options.passwordHints);
  const auto credentials = readCredentials(form, kChangeNames, {user.email, 0, user.kdf});
  const auto changed =
      storeCredentials(context, user, credentials ? *credentials : readOldShape(form, user.kdf),
                       OldStamp::Void, Hint::Replace, hint);
  log::info("vault", "temporary master password replaced", {{"email", user.email}});
  tellOfLogOut(context, changed, "");
}

void endAllSessions(const VaultContext& context, const Session& session, const json::Object& form) {
  const auto user = requireSecret(context, session, form);
  std::vector<std::string> phones;
  const auto changed =
      changeCheckedUser(context, user, [&](storage::UserStore& users, storage::Transaction& tx) {
        phones = pushUuidsOf(tx, user.id);
        storage::DeviceStore(tx).removeAll(user.id);
        return users.setSecurityStamp(user.id, randomUuid(), 0, context.clock.now());
      });
  context.push.unregister(phones);
  log::info("vault", "all sessions ended", {{"email", user.email}});
  tellOfLogOut(context, changed, "");
}

}  // namespace coffer::vault
