// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/profile_json.h"

namespace coffer::vault {
namespace {

void writeSignatureKeyPair(json::Writer& writer, const storage::AccountKeys& keys) {
  if (!keys.signingKey || !keys.verifyingKey) {
    writer.value(nullptr);
    return;
  }
  writer.beginObject()
      .field("wrappedSigningKey", keys.signingKey)
      .field("verifyingKey", keys.verifyingKey)
      .field("object", "signatureKeyPair")
      .endObject();
}

void writeSecurityState(json::Writer& writer, const storage::AccountKeys& keys) {
  if (!keys.securityState || !keys.securityVersion) {
    writer.value(nullptr);
    return;
  }
  writer.beginObject()
      .field("securityState", keys.securityState)
      .field("securityVersion", keys.securityVersion)
      .endObject();
}

std::optional<std::string_view> nullIfEmpty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

void writeProfile(json::Writer& writer, const storage::User& user, bool hasSecondFactor) {
  writer.beginObject()
      .field("id", user.id)
      .field("name", user.name)
      .field("email", user.email)
      // There is no mail to verify an address with: asking its owner to would lead nowhere.
      .field("emailVerified", true)
      .field("premium", true)
      .field("premiumFromOrganization", false)
      .field("culture", user.culture)
      .field("twoFactorEnabled", hasSecondFactor)
      .field("key", nullIfEmpty(user.userKey))
      .field("privateKey", user.keys.privateKey)
      .key("accountKeys");
  writeAccountKeys(writer, user);
  writer.field("securityStamp", user.securityStamp)
      .field("forcePasswordReset", user.forcePasswordReset)
      .field("usesKeyConnector", false)
      .field("avatarColor", user.avatarColor)
      .dateField("creationDate", user.createdAt)
      .field("verifyDevices", user.verifyDevices)
      .field("masterPasswordHint", user.passwordHint)
      .rawField("organizations", "[]")
      .rawField("providers", "[]")
      .rawField("providerOrganizations", "[]")
      .field("object", "profile")
      .endObject();
}

void writeAccountKeys(json::Writer& writer, const storage::User& user) {
  const auto& keys = user.keys;
  if (!keys.privateKey || !keys.publicKey) {
    writer.value(nullptr);
    return;
  }
  writer.beginObject()
      .key("publicKeyEncryptionKeyPair")
      .beginObject()
      .field("wrappedPrivateKey", keys.privateKey)
      .field("publicKey", keys.publicKey)
      .field("signedPublicKey", keys.signedPublicKey)
      .field("object", "publicKeyEncryptionKeyPair")
      .endObject()
      .key("signatureKeyPair");
  writeSignatureKeyPair(writer, keys);
  writer.key("securityState");
  writeSecurityState(writer, keys);
  writer.field("object", "privateKeys").endObject();
}

void writeKdf(json::Writer& writer, const storage::Kdf& kdf) {
  writer.beginObject()
      .field("kdfType", kdf.type)
      .field("iterations", kdf.iterations)
      .field("memory", kdf.memory)
      .field("parallelism", kdf.parallelism)
      .endObject();
}

void writeMasterPasswordUnlock(json::Writer& writer, const storage::User& user) {
  if (user.userKey.empty() || user.password.hash.empty()) {
    writer.value(nullptr);
    return;
  }
  writer.beginObject().key("kdf");
  writeKdf(writer, user.kdf);
  writer.field("masterKeyEncryptedUserKey", user.userKey)
      .field("masterKeyWrappedUserKey", user.userKey)
      .field("salt", user.email)
      .field("containedKeyId", user.userKeyId)
      .endObject();
}

void writeUserDecryption(json::Writer& writer, const storage::User& user) {
  writer.beginObject().key("masterPasswordUnlock");
  writeMasterPasswordUnlock(writer, user);
  writer.field("webAuthnPrfOptions", nullptr)
      .field("v2UpgradeToken", nullptr)
      .field("userKeyId", user.userKeyId)
      .endObject();
}

void writeDomains(json::Writer& writer, const storage::User& user) {
  writer.beginObject()
      .rawField("equivalentDomains", user.equivalentDomains)
      .rawField("globalEquivalentDomains", "[]")
      .field("object", "domains")
      .endObject();
}

}  // namespace coffer::vault
