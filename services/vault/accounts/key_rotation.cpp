// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/key_rotation.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/devices/device_json.h"
#include "services/vault/identity/password_hasher.h"
#include "storage/stores/cipher_store.h"
#include "storage/stores/device_store.h"
#include "storage/stores/folder_store.h"

#include <set>

namespace coffer::vault {
namespace {

using Ids = std::set<std::string, std::less<>>;

// Both are the same set of ids, so that nothing is left sealed with the old key and nothing is
// written that is not the user's.
void requireSameIds(const Ids& stored, const Ids& sent, const char* what) {
  for (const auto& id : stored) {
    if (!sent.contains(id)) {
      throw BadRequest("All existing " + std::string(what) + " must be included in the rotation");
    }
  }
  if (sent.size() != stored.size()) {
    throw BadRequest("The rotation includes " + std::string(what) + " that do not exist");
  }
}

template <typename T, typename Id>
Ids idsOf(const std::vector<T>& elements, Id&& id) {
  Ids ids;
  for (const auto& element : elements) ids.insert(id(element));
  return ids;
}

Ids personalItems(storage::CipherStore& ciphers, const std::string& userId) {
  Ids ids;
  storage::CipherCursor cursor;
  while (ciphers.pageVisible(userId, cursor, MiB, [&](const storage::CipherView& item) {
    if (item.organizationId.empty()) ids.emplace(item.id);
  })) {
  }
  return ids;
}

class Replacement {
 public:
  Replacement(storage::Transaction& tx, const storage::User& user, const KeyRotation& rotation,
              UnixMicros now)
      : ciphers_(tx), folders_(tx), devices_(tx), user_(user), rotation_(rotation), now_(now) {}

  void requireComplete() {
    requireSameIds(personalItems(ciphers_, user_.id),
                   idsOf(rotation_.items, [](const auto& item) { return item.id; }), "ciphers");
    requireSameIds(idsOf(folders_.list(user_.id), [](const auto& folder) { return folder.id; }),
                   idsOf(rotation_.folders, [](const auto& folder) { return folder.id; }),
                   "folders");
    Ids trusted;
    for (const auto& device : devices_.list(user_.id)) {
      if (isTrusted(device)) trusted.insert(device.identifier);
    }
    requireSameIds(trusted,
                   idsOf(rotation_.devices, [](const auto& device) { return device.identifier; }),
                   "trusted devices");
  }

  // False when a row vanished, which cannot happen inside the transaction that has seen it.
  bool apply() {
    bool isDone = true;
    for (const auto& item : rotation_.items) isDone = replaceItem(item) && isDone;
    for (const auto& folder : rotation_.folders) {
      isDone = folders_.rename(user_.id, folder.id, folder.name, now_) && isDone;
    }
    for (const auto& device : rotation_.devices) isDone = replaceTrust(device) && isDone;
    devices_.forgetTokens(user_.id);
    return isDone;
  }

 private:
  // Folder, favourite and the trash are not in question: only what is sealed is replaced.
  bool replaceItem(const KeyRotation::Item& item) {
    const auto row = ciphers_.find(user_.id, item.id);
    if (!row) return false;
    const auto& stored = row->cipher;
    const int type = item.form.resolveType(stored.type);
    const int reprompt = item.form.reprompt.value_or(repromptOf(stored.body));
    return ciphers_.update(user_.id, item.id, type, item.form.body(type, reprompt),
                           nextRevision(stored.revisedAt, now_));
  }

  bool replaceTrust(const KeyRotation::DeviceKeys& keys) {
    const auto device = devices_.find(user_.id, keys.identifier);
    return device && devices_.setTrust(user_.id, keys.identifier, keys.userKey, keys.publicKey,
                                       device->encryptedPrivateKey);
  }

  storage::CipherStore ciphers_;
  storage::FolderStore folders_;
  storage::DeviceStore devices_;
  const storage::User& user_;
  const KeyRotation& rotation_;
  UnixMicros now_;
};

}  // namespace

void rotateKeys(const VaultContext& context, const Session& session, const KeyRotation& rotation) {
  const auto user = requirePassword(context, session, rotation.oldPasswordHash);
  for (const auto& item : rotation.items) requireSealedFor(session, item.form);

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

  changeCheckedUser(context, user, [&](storage::UserStore& users, storage::Transaction& tx) {
    Replacement replacement(tx, user, rotation, now);
    replacement.requireComplete();
    return replacement.apply() && users.setPassword(user.id, change, now) &&
           users.setKeys(user.id, keys, now) &&
           (!rotation.hint || users.setPasswordHint(user.id, *rotation.hint, now)) &&
           users.setUserKeyId(user.id, rotation.userKeyId, now);
  });
  log::info("vault", "user key rotated", {{"email", user.email}});
}

}  // namespace coffer::vault
