// SPDX-License-Identifier: BSD-2-Clause
//
// What the owner of the box decided about the vault. Filled by the runtime from the configuration,
// then constant.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace coffer::vault {

// Who may make an account for themselves.
enum class SignupPolicy {
  Closed,   // Nobody; the command line still can.
  First,    // Whoever comes first; nobody once an account exists.
  Invited,  // Addresses that were invited (a row without a password) only.
  Domains,  // Addresses in `signupDomains`, and invited ones.
  Open,     // Everybody.
};

// A bucket of `burst` attempts that gains one more every `refill`.
struct RateLimit {
  unsigned burst = 10;
  std::chrono::seconds refill{60};
};

struct VaultOptions {
  std::string folder;  // <data_dir>/vault; holds rsa_key.pem.
  // "https://vault.example.org", for the addresses that answers carry; "": as the client wrote it.
  std::string origin;

  SignupPolicy signups = SignupPolicy::First;
  std::vector<std::string> signupDomains;  // "example.org", compared without regard to case.

  // PBKDF2-HMAC-SHA256 rounds that the server adds to the client's hash.
  unsigned passwordIterations = 600'000;
  // Lowest PBKDF2 count a client may choose for itself when it sets one (vault-core 2.2).
  unsigned minimumClientIterations = 600'000;

  std::size_t maxNoteLength = 10'000;  // Characters of an item's encrypted note.
  bool passwordHints = true;           // Accounts may store one.
  bool showPasswordHints = false;      // Without mail: shown to whoever asks with the address.

  RateLimit loginLimit{10, std::chrono::seconds{60}};      // Per address, account and device.
  RateLimit anonymousLimit{50, std::chrono::seconds{60}};  // Other calls without a session.

  std::map<std::string, bool> featureStates;  // Client flags in /api/config (vault-core 5.3).
};

}  // namespace coffer::vault
