// SPDX-License-Identifier: BSD-2-Clause
//
// What the server adds to the hash that clients send in the password's place: PBKDF2-HMAC-SHA256
// over its text with a salt of its own, so that a stolen database is no list of working passwords
// (vault-core 2.3).
//
// Every call takes as long as the iterations say: on the hash lane only, outside transactions.
// Threads: any.
#pragma once

#include "storage/stores/user_store.h"

#include <cstdint>
#include <string_view>

namespace coffer::vault {

constexpr std::size_t kMaxPasswordHashLength = 300;  // Of the client's text.

class PasswordHasher {
 public:
  explicit PasswordHasher(std::uint32_t iterations) : iterations_(iterations) {}

  storage::PasswordVerifier make(std::string_view clientHash) const;

  // Compares in constant time. A verifier without a hash (an invited account) matches nothing and
  // costs the same.
  [[nodiscard]] bool matches(std::string_view clientHash,
                             const storage::PasswordVerifier& verifier) const;

  // For an account that does not exist: as much work as for a verifier of so many iterations, and
  // no. The other one works as much as today's setting says.
  [[nodiscard]] bool matchesNobody(std::string_view clientHash, std::int64_t iterations) const;
  [[nodiscard]] bool matchesNobody(std::string_view clientHash) const {
    return matchesNobody(clientHash, iterations_);
  }

  // True when the setting was raised since the verifier was made.
  [[nodiscard]] bool isOutdated(const storage::PasswordVerifier& verifier) const {
    return verifier.iterations < static_cast<std::int64_t>(iterations_);
  }

 private:
  std::uint32_t iterations_;
};

}  // namespace coffer::vault
