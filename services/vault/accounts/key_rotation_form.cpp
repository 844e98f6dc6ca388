// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/key_rotation.h"

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

// One list of a form that may be absent; `read(Object)` returns an element or nothing.
template <typename T, typename Read>
std::vector<T> readList(const json::Object& form, std::string_view name, Read&& read) {
  std::vector<T> elements;
  const auto list = form.array(name);
  if (!list) return elements;
  elements.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (auto element = read(list->object(i))) elements.push_back(std::move(*element));
  }
  return elements;
}

std::optional<KeyRotation::Item> readItem(const json::Object& item, const VaultOptions& options) {
  if (item.uuid("organizationId")) return std::nullopt;
  const auto id = item.uuid("id");
  if (!id) item.fail("id", "The Id field is required.");
  return KeyRotation::Item{*id, CipherForm::parse(item, options.maxNoteLength)};
}

// Some clients list "no folder" among the folders, with an empty id.
std::optional<KeyRotation::FolderName> readFolder(const json::Object& folder) {
  const auto id = folder.uuid("id");
  if (!id) return std::nullopt;
  return KeyRotation::FolderName{*id, readSealed(folder, "name")};
}

std::optional<KeyRotation::DeviceKeys> readDevice(const json::Object& device) {
  return KeyRotation::DeviceKeys{std::string(device.requiredString("deviceId")),
                                 readSealed(device, "encryptedUserKey"),
                                 readSealed(device, "encryptedPublicKey")};
}

void readData(const json::Object& data, const VaultOptions& options, KeyRotation& rotation) {
  rotation.items = readList<KeyRotation::Item>(
      data, "ciphers", [&](const json::Object& item) { return readItem(item, options); });
  rotation.folders = readList<KeyRotation::FolderName>(data, "folders", readFolder);
}

}  // namespace

KeyRotation readKeyRotation(const json::Object& form, const storage::User& user,
                            const VaultOptions& options) {
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
  rotation.devices =
      readList<KeyRotation::DeviceKeys>(unlockData, "deviceKeyUnlockData", readDevice);
  readData(form.requiredObject("accountData"), options, rotation);
  return rotation;
}

KeyRotation readOldKeyRotation(const json::Object& form, const VaultOptions& options) {
  KeyRotation rotation;
  rotation.oldPasswordHash = readPasswordHash(form, "masterPasswordHash");
  rotation.userKey = readSealed(form, "key");
  rotation.privateKey = readSealed(form, "privateKey");
  readData(form, options, rotation);
  return rotation;
}

}  // namespace coffer::vault
