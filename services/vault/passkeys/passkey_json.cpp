// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkey_json.h"

#include "appliance/base/bytes.h"

#include <algorithm>

namespace coffer::vault {
namespace {

// Numbers of the protocol.
enum class PrfStatus { Enabled = 0, Supported = 1, Unsupported = 2 };

PrfStatus prfStatus(const storage::WebAuthnCredential& passkey) {
  if (!passkey.supportsPrf) return PrfStatus::Unsupported;
  return passkey.keys ? PrfStatus::Enabled : PrfStatus::Supported;
}

void writeCamelCaseOption(json::Writer& writer, const storage::WebAuthnCredential& passkey) {
  writer.beginObject()
      .field("encryptedPrivateKey", passkey.keys->privateKey)
      .field("encryptedUserKey", passkey.keys->userKey)
      .field("credentialId", toBase64Url(passkey.credentialId))
      .rawField("transports", passkey.transports)
      .endObject();
}

}  // namespace

void writePasskey(json::Writer& writer, const storage::WebAuthnCredential& passkey) {
  std::optional<std::string_view> userKey;
  std::optional<std::string_view> publicKey;
  std::optional<std::string_view> privateKey;
  if (passkey.isPrfEnabled()) {
    userKey = passkey.keys->userKey;
    publicKey = passkey.keys->publicKey;
    privateKey = passkey.keys->privateKey;
  }
  writer.beginObject()
      .field("id", passkey.id)
      .field("name", passkey.name)
      .field("prfStatus", static_cast<int>(prfStatus(passkey)))
      .field("encryptedUserKey", userKey)
      .field("encryptedPublicKey", publicKey)
      .field("encryptedPrivateKey", privateKey)
      .field("object", "webauthnCredential")
      .endObject();
}

void writePrfOption(json::Writer& writer, const storage::WebAuthnCredential& passkey) {
  writer.beginObject()
      .field("EncryptedPrivateKey", passkey.keys->privateKey)
      .field("EncryptedUserKey", passkey.keys->userKey)
      .field("CredentialId", toBase64Url(passkey.credentialId))
      .rawField("Transports", passkey.transports)
      .endObject();
}

void writePrfOptions(json::Writer& writer, std::span<const storage::WebAuthnCredential> passkeys) {
  const auto unlocks = [](const auto& passkey) { return passkey.isPrfEnabled(); };
  if (std::none_of(passkeys.begin(), passkeys.end(), unlocks)) {
    writer.value(nullptr);
    return;
  }
  writer.beginArray();
  for (const auto& passkey : passkeys) {
    if (unlocks(passkey)) writeCamelCaseOption(writer, passkey);
  }
  writer.endArray();
}

}  // namespace coffer::vault
