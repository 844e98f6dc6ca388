// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkey_rotation.h"

#include "services/vault/passkeys/passkey_form.h"
#include "storage/stores/webauthn_store.h"

namespace coffer::vault {
namespace {

struct SealedAnew {
  std::string id;
  std::string userKey;
  std::string publicKey;
};

std::optional<SealedAnew> readElement(const json::Object& element) {
  const auto id = element.uuid("id");
  if (!id) element.fail("id", "The Id field is required.");
  return SealedAnew{*id, readPasskeyKey(element, "encryptedUserKey"),
                    readPasskeyKey(element, "encryptedPublicKey")};
}

// Today's clients and those before them name the list differently.
std::vector<SealedAnew> readElements(const RotationRequest& request) {
  const bool isOld = !request.unlock;
  return readRotationList<SealedAnew>(isOld ? request.data : request.unlock,
                                      isOld ? "webauthnKeys" : "passkeyUnlockData", readElement);
}

}  // namespace

RotationPart passkeyRotation(const RotationRequest& request) {
  return [sent = readElements(request)](storage::Transaction& tx, const std::string& userId,
                                        UnixMicros now) {
    storage::WebAuthnStore passkeys(tx);
    RotationIds stored;
    for (const auto& passkey : passkeys.list(userId, storage::WebAuthnKind::Passkey)) {
      if (passkey.isPrfEnabled()) stored.insert(passkey.id);
    }
    requireSameIds(stored, rotationIds(sent, [](const auto& element) { return element.id; }),
                   "passkeys");
    for (const auto& element : sent) {
      requireReplaced(
          passkeys.rotateKeys(userId, element.id, element.userKey, element.publicKey, now),
          "passkeys");
    }
  };
}

}  // namespace coffer::vault
