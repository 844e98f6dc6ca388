// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/profile_json.h"

#include "services/vault/accounts/email_verification.h"
#include "services/vault/passkeys/passkey_json.h"
#include "services/vault/two_factor/second_factors.h"
#include "services/vault/vault_context.h"

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

ProfileFacts readProfileFacts(const VaultContext& context, storage::Transaction& tx,
                              const storage::User& user) {
  return {context.secondFactors.isEnabledFor(tx, user.id), countsAsVerified(context, user)};
}

void writeProfile(json::Writer& writer, const storage::User& user, const ProfileFacts& facts) {
  writer.beginObject()
      .field("id", user.id)
      .field("name", user.name)
      .field("email", user.email)
      .field("emailVerified", facts.isEmailVerified)
      .field("premium", true)
      .field("premiumFromOrganization", false)
      .field("culture", user.culture)
      .field("twoFactorEnabled", facts.hasSecondFactor)
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

void writeUserDecryption(json::Writer& writer, const storage::User& user,
                         std::span<const storage::WebAuthnCredential> passkeys) {
  writer.beginObject().key("masterPasswordUnlock");
  writeMasterPasswordUnlock(writer, user);
  writer.key("webAuthnPrfOptions");
  writePrfOptions(writer, passkeys);
  writer.field("v2UpgradeToken", nullptr).field("userKeyId", user.userKeyId).endObject();
}

}  // namespace coffer::vault
