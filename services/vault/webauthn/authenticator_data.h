// SPDX-License-Identifier: BSD-2-Clause
//
// Authenticator data (WebAuthn level 2, section 6.1): what an authenticator signs. Only its fixed
// part is read here; that the rest is whole CBOR of a depth that is safe to walk is checked before
// libfido2 does so.
//
// Errors: BadRequest. Lifetime: views point into the bytes given.
#pragma once

#include <cstdint>
#include <string_view>

namespace coffer::vault {

struct AuthenticatorData {
  enum Flag : std::uint8_t {
    kUserPresent = 0x01,
    kUserVerified = 0x04,
    kBackupEligible = 0x08,
    kBackedUp = 0x10,
    kHasCredential = 0x40,
    kHasExtensions = 0x80,
  };

  std::string_view partyHash;  // SHA-256 of the relying party's id.
  std::uint8_t flags = 0;
  std::uint32_t signCount = 0;

  [[nodiscard]] bool has(Flag flag) const { return (flags & flag) != 0; }

  static AuthenticatorData parse(std::string_view bytes);
};

// The "authData" of an attestation object: {"fmt": text, "attStmt": map, "authData": bytes}.
std::string_view findAuthenticatorData(std::string_view attestationObject);

}  // namespace coffer::vault
