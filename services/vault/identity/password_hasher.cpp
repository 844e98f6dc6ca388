// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/password_hasher.h"

#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "services/vault/crypto/key_derivation.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kSaltBytes = 64;
constexpr std::size_t kHashBytes = 32;

}  // namespace

storage::PasswordVerifier PasswordHasher::make(std::string_view clientHash) const {
  storage::PasswordVerifier verifier;
  verifier.salt = randomBytes(kSaltBytes);
  verifier.iterations = iterations_;
  verifier.hash = pbkdf2Sha256(clientHash, verifier.salt, iterations_, kHashBytes);
  return verifier;
}

bool PasswordHasher::matches(std::string_view clientHash,
                             const storage::PasswordVerifier& verifier) const {
  if (verifier.hash.size() != kHashBytes || verifier.iterations < 1) {
    return matchesNobody(clientHash);
  }
  const auto hash = pbkdf2Sha256(clientHash, verifier.salt,
                                 static_cast<std::uint32_t>(verifier.iterations), kHashBytes);
  return equalsInConstantTime(hash, verifier.hash);
}

bool PasswordHasher::matchesNobody(std::string_view clientHash, std::int64_t iterations) const {
  static const std::string salt(kSaltBytes, '\0');
  // The result is looked at so that the work cannot be left out, and then not used.
  return pbkdf2Sha256(clientHash, salt, static_cast<std::uint32_t>(iterations), kHashBytes).empty();
}

}  // namespace coffer::vault
