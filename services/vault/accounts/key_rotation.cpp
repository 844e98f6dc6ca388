// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/key_rotation.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/account_updates.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/identity/password_hasher.h"
#include "storage/stores/device_store.h"

namespace coffer::vault {
namespace {

void requireSameKdfAndEmail(const json::Object& unlock, const storage::User& user) {
  const bool isSame = unlock.integer("kdfType") == user.kdf.type &&
                      unlock.integer("kdfIterations") == user.kdf.iterations &&
                      unlock.integer("kdfMemory") == user.kdf.memory &&
                      unlock.integer("kdfParallelism") == user.kdf.parallelism &&
                      normalizeEmail(unlock.string("email").value_or("")) == user.email;
  if (!isSame) {
    throw BadRequest("Changing the kdf variant or email is not supported during key rotation");
  }
}

}  // namespace

KeyRotation readKeyRotation(const json::Object& form, const Session& session,
                            const storage::User& user, const VaultOptions& options) {
  const auto unlockData = form.requiredObject("accountUnlockData");
  const auto unlock = unlockData.requiredObject("masterPasswordUnlockData");
  requireSameKdfAndEmail(unlock, user);
  const auto keys = readKeyPair(form);
  if (!keys) form.fail("accountKeys", "The AccountKeys field is required.");
  if (keys->publicKey != user.keys.publicKey) {
    throw BadRequest("Changing the asymmetric keypair is not possible during key rotation");
  }

  KeyRotation rotation;
  rotation.oldPasswordHash = readPasswordHash(form, "oldMasterKeyAuthenticationHash");
  rotation.newPasswordHash = readPasswordHash(unlock, "masterKeyAuthenticationHash");
  rotation.userKey = readSealed(unlock, "masterKeyEncryptedUserKey");
  rotation.privateKey = *keys->privateKey;
  rotation.hint = readHint(unlock, options.passwordHints);
  rotation.userKeyId = readKeyId(form, "newUserKeyId");
  if (!rotation.userKeyId) rotation.userKeyId = readKeyId(unlock, "containedKeyId");
  rotation.parts =
      readRotationParts({session, options, form.requiredObject("accountData"), unlockData});
  return rotation;
}

KeyRotation readOldKeyRotation(const json::Object& form, const Session& session,
                               const VaultOptions& options) {
  KeyRotation rotation;
  rotation.oldPasswordHash = readPasswordHash(form, "masterPasswordHash");
  rotation.userKey = readSealed(form, "key");
  rotation.privateKey = readSealed(form, "privateKey");
  rotation.parts = readRotationParts({session, options, form, std::nullopt});
  return rotation;
}

void rotateKeys(const VaultContext& context, const Session& session, const KeyRotation& rotation) {
  const auto user = requirePassword(context, session, rotation.oldPasswordHash);

  storage::PasswordChange change;
  change.password =
      rotation.newPasswordHash ? context.passwords.make(*rotation.newPasswordHash) : user.password;
  change.kdf = user.kdf;
  change.userKey = rotation.userKey;
  change.securityStamp = randomUuid();
  const UnixMicros now = context.clock.now();
  change.previousStampUntil = now + kPreviousStampGrace;
  storage::AccountKeys keys = user.keys;
  keys.privateKey = rotation.privateKey;

  const auto rotated =
      changeCheckedUser(context, user, [&](storage::UserStore& users, storage::Transaction& tx) {
        for (const auto& part : rotation.parts) part(tx, user.id, now);
        storage::DeviceStore(tx).forgetTokens(user.id);
        return users.setPassword(user.id, change, now) && users.setKeys(user.id, keys, now) &&
               (!rotation.hint || users.setPasswordHint(user.id, *rotation.hint, now)) &&
               users.setUserKeyId(user.id, rotation.userKeyId, now);
      });
  log::info("vault", "user key rotated", {{"email", user.email}});
  tellOfLogOut(context, rotated, session.deviceIdentifier);
}

}  // namespace coffer::vault
