// SPDX-License-Identifier: BSD-2-Clause
//
// Whether an authenticator did what it was asked to, and not for somebody else: the checks of
// WebAuthn level 2, sections 7.1 and 7.2, in the order of vault-extras 4.6 and 6.2. Keys and
// signatures are libfido2's work; Debian 12 has 1.12, Debian 13 1.15, and nothing newer is used.
//
// Left to the caller: that the challenge was handed out and is used once, whose the credential is,
// and that its counter grows, which only the database can say without a race.
//
// The attestation statement is not looked at. None is asked for, and nothing depends on who made
// the key.
//
// Errors: BadRequest; its detail says what is wrong and is for the log.
// Threads: any.
#pragma once

#include "services/vault/webauthn/client_response.h"
#include "services/vault/webauthn/relying_party.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::vault {

// COSE numbers of what is offered to authenticators, the preferred one first: ES256, Ed25519, RS256
// with a modulus of 2048 bits.
constexpr std::array<int, 3> kKeyAlgorithms{-7, -8, -257};

struct Expectation {
  const RelyingParty& party;
  std::string_view challengeHash;  // SHA-256 of the challenge that was handed out.
  // The authenticator must have asked for a PIN or a finger: what logs in by itself needs that, a
  // second factor does not.
  bool needsUserVerification = false;
};

struct NewKey {
  std::string credentialId;
  // ES256: x and y, 64 bytes; Ed25519: 32 bytes; RS256: modulus and exponent, 256 + 3 bytes.
  std::string publicKey;
  int algorithm = 0;
  std::uint32_t signCount = 0;
  std::string aaguid;  // 16 bytes: the authenticator's model, zeros when it does not say.
  bool isBackupEligible = false;  // May be copied to other devices …
  bool isBackedUp = false;        // … and has been.
};
NewKey verifyCreation(const CreationResponse& creation, const Expectation& expected);

struct KnownKey {
  std::string_view publicKey;
  int algorithm = 0;
  bool isMigrated = false;  // Bound to the appid: only then does that one count.
  bool isBackupEligible = false;
};
struct KeyUse {
  std::uint32_t signCount = 0;
  bool isBackupEligible = false;
  bool isBackedUp = false;
};
KeyUse verifyAssertion(const AssertionResponse& assertion, const KnownKey& key,
                       const Expectation& expected);

}  // namespace coffer::vault
