// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/password_change.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/identity/password_hasher.h"
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

void storeCredentials(const VaultContext& context, const storage::User& checked,
                      const Credentials& next, Hint hintChange,
                      const std::optional<std::string>& hint) {
  storage::PasswordChange change;
  change.password = context.passwords.make(next.passwordHash);
  change.kdf = next.kdf;
  change.userKey = next.userKey;
  change.securityStamp = randomUuid();
  const UnixMicros now = context.clock.now();
  change.previousStampUntil = now + kPreviousStampGrace;

  changeCheckedUser(context, checked, [&](storage::UserStore& users, storage::Transaction& tx) {
    storage::DeviceStore(tx).forgetTokens(checked.id);
    return users.setPassword(checked.id, change, now) &&
           (hintChange == Hint::Keep || users.setPasswordHint(checked.id, hint, now)) &&
           (!next.containedKeyId || users.setUserKeyId(checked.id, *next.containedKeyId, now));
  });
}

}  // namespace

void changePassword(const VaultContext& context, const Session& session, const json::Object& form) {
  const auto user = requireOldPassword(context, session, form);
  const auto hint = readHint(form, context.options.passwordHints);
  const auto credentials = readCredentials(form, kChangeNames, {user.email, 0, user.kdf});
  storeCredentials(context, user, credentials ? *credentials : readOldShape(form, user.kdf),
                   Hint::Replace, hint);
  log::info("vault", "master password changed", {{"email", user.email}});
}

void changeKdf(const VaultContext& context, const Session& session, const json::Object& form) {
  const auto user = requireOldPassword(context, session, form);
  const auto minimum = context.options.minimumClientIterations;
  const auto credentials = readCredentials(form, kChangeNames, {user.email, minimum, {}});
  storeCredentials(context, user,
                   credentials ? *credentials : readOldShape(form, readFlatKdf(form, minimum)),
                   Hint::Keep, std::nullopt);
  log::info("vault", "key derivation changed", {{"email", user.email}});
}

void endAllSessions(const VaultContext& context, const Session& session, const json::Object& form) {
  const auto user = requireSecret(context, session, form);
  changeCheckedUser(context, user, [&](storage::UserStore& users, storage::Transaction& tx) {
    storage::DeviceStore(tx).removeAll(user.id);
    return users.setSecurityStamp(user.id, randomUuid(), 0, context.clock.now());
  });
  log::info("vault", "all sessions ended", {{"email", user.email}});
}

void deleteAccount(const VaultContext& context, const Session& session, const json::Object& form) {
  const auto user = requireSecret(context, session, form);
  context.database.write([&](storage::Transaction& tx) {
    if (!storage::UserStore(tx).remove(user.id)) {
      throw Unauthorized("Unauthorized.", "the account is gone");
    }
  });
  log::info("vault", "account deleted", {{"email", user.email}});
}

}  // namespace coffer::vault
