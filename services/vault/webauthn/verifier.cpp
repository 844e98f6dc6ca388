// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/verifier.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/base/secret.h"
#include "services/vault/webauthn/authenticator_data.h"
#include "services/vault/webauthn/fido_keys.h"

#include <fido.h>
#include <memory>
#include <optional>

namespace coffer::vault {
namespace {

[[noreturn]] void refuse(const char* reason) {
  throw BadRequest("The security key was not accepted. Try again.", reason);
}

struct FreeCredential {
  void operator()(fido_cred_t* credential) const { fido_cred_free(&credential); }
};
struct FreeAssertion {
  void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
};
using Credential = std::unique_ptr<fido_cred_t, FreeCredential>;
using Assertion = std::unique_ptr<fido_assert_t, FreeAssertion>;

const unsigned char* bytesOf(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string copied(const unsigned char* bytes, std::size_t size) {
  return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes), size);
}

template <typename T>
T* orOutOfMemory(T* object) {
  if (object == nullptr) throw std::bad_alloc();
  return object;
}

void checkClientData(std::string_view json, std::string_view type, const Expectation& expected) {
  const ClientData client = parseClientData(json);
  if (client.type != type) refuse("the answer is to another ceremony");
  if (!equalsInConstantTime(sha256(client.challenge), expected.challengeHash)) {
    refuse("the answer is to another challenge");
  }
  if (!isAllowedOrigin(expected.party, client.origin)) refuse("the origin is not allowed");
}

void checkFlags(const AuthenticatorData& parts, const Expectation& expected) {
  if (!parts.has(AuthenticatorData::kUserPresent)) refuse("nobody touched the key");
  if (expected.needsUserVerification && !parts.has(AuthenticatorData::kUserVerified)) {
    refuse("the key did not verify its user");
  }
  if (parts.has(AuthenticatorData::kBackedUp) && !parts.has(AuthenticatorData::kBackupEligible)) {
    refuse("backed up without being eligible");
  }
}

// The text whose hash the key is bound to; nothing when that is somebody else's.
const std::string* boundTo(const AuthenticatorData& parts, const RelyingParty& party,
                           bool mayUseAppId) {
  if (parts.partyHash == sha256(party.id)) return &party.id;
  if (mayUseAppId && parts.partyHash == sha256(party.appId)) return &party.appId;
  return nullptr;
}

// libfido2 reads a key only when told its algorithm.
Credential readCredential(std::string_view authenticatorData) {
  for (const int algorithm : kKeyAlgorithms) {
    Credential credential(orOutOfMemory(fido_cred_new()));
    if (fido_cred_set_type(credential.get(), algorithm) == FIDO_OK &&
        fido_cred_set_authdata_raw(credential.get(), bytesOf(authenticatorData),
                                   authenticatorData.size()) == FIDO_OK) {
      return credential;
    }
  }
  refuse("the key is of no algorithm that was offered");
}

// libfido2 wants to be told which extensions the statement holds. None of them decides anything
// here: a passkey that unlocks has "hmac-secret", and nothing else is asked for.
bool isSigned(fido_assert_t* assertion, const FidoKey& key) {
  for (const int extensions : {0, FIDO_EXT_HMAC_SECRET}) {
    if (fido_assert_set_extensions(assertion, extensions) == FIDO_OK &&
        fido_assert_verify(assertion, 0, key.algorithm(), key.get()) == FIDO_OK) {
      return true;
    }
  }
  return false;
}

}  // namespace

NewKey verifyCreation(const CreationResponse& creation, const Expectation& expected) {
  fido_init(0);
  checkClientData(creation.clientData, "webauthn.create", expected);
  const std::string_view bytes = findAuthenticatorData(creation.attestationObject);
  const auto parts = AuthenticatorData::parse(bytes);
  if (boundTo(parts, expected.party, false) == nullptr) refuse("the key is for another host");
  checkFlags(parts, expected);
  if (!parts.has(AuthenticatorData::kHasCredential)) refuse("there is no new key");

  const Credential credential = readCredential(bytes);
  NewKey key;
  key.algorithm = fido_cred_type(credential.get());
  key.credentialId = copied(fido_cred_id_ptr(credential.get()), fido_cred_id_len(credential.get()));
  key.publicKey =
      copied(fido_cred_pubkey_ptr(credential.get()), fido_cred_pubkey_len(credential.get()));
  key.aaguid =
      copied(fido_cred_aaguid_ptr(credential.get()), fido_cred_aaguid_len(credential.get()));
  key.signCount = parts.signCount;
  key.isBackupEligible = parts.has(AuthenticatorData::kBackupEligible);
  key.isBackedUp = parts.has(AuthenticatorData::kBackedUp);
  if (key.credentialId.empty() || key.credentialId.size() > kMaxCredentialId ||
      key.credentialId != creation.credentialId) {
    refuse("the credential id is not the key's");
  }
  if (!FidoKey::make(key.algorithm, key.publicKey)) refuse("the public key is no point or modulus");
  return key;
}

KeyUse verifyAssertion(const AssertionResponse& assertion, const KnownKey& key,
                       const Expectation& expected) {
  fido_init(0);
  checkClientData(assertion.clientData, "webauthn.get", expected);
  const auto parts = AuthenticatorData::parse(assertion.authenticatorData);
  const std::string* party = boundTo(parts, expected.party, key.isMigrated && assertion.usedAppId);
  if (party == nullptr) refuse("the key is for another host");
  checkFlags(parts, expected);
  const bool isBackupEligible = parts.has(AuthenticatorData::kBackupEligible);
  // The other way round a key was stored before anybody kept this.
  if (key.isBackupEligible && !isBackupEligible) refuse("the key says it can no longer be copied");

  const auto publicKey = FidoKey::make(key.algorithm, key.publicKey);
  if (!publicKey) throw Fault(FaultKind::Internal, "Internal Server Error", "a stored key is bad");
  const std::string clientHash = sha256(assertion.clientData);
  const auto& authenticatorData = assertion.authenticatorData;
  const auto& signature = assertion.signature;
  const Assertion statement(orOutOfMemory(fido_assert_new()));
  auto* s = statement.get();
  const bool isComplete =
      fido_assert_set_clientdata_hash(s, bytesOf(clientHash), clientHash.size()) == FIDO_OK &&
      fido_assert_set_rp(s, party->c_str()) == FIDO_OK && fido_assert_set_count(s, 1) == FIDO_OK &&
      fido_assert_set_up(s, FIDO_OPT_TRUE) == FIDO_OK &&
      fido_assert_set_uv(s, expected.needsUserVerification ? FIDO_OPT_TRUE : FIDO_OPT_OMIT) ==
          FIDO_OK &&
      fido_assert_set_authdata_raw(s, 0, bytesOf(authenticatorData), authenticatorData.size()) ==
          FIDO_OK &&
      fido_assert_set_sig(s, 0, bytesOf(signature), signature.size()) == FIDO_OK;
  if (!isComplete) refuse("the statement cannot be read");
  if (!isSigned(s, *publicKey)) refuse("the signature is wrong");
  return {parts.signCount, isBackupEligible, parts.has(AuthenticatorData::kBackedUp)};
}

}  // namespace coffer::vault
