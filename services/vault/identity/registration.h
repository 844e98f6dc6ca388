// SPDX-License-Identifier: BSD-2-Clause
//
// How an account comes to be (vault-core 3.2): the forms of old and new clients, who may register,
// and the token that leads from the first step of a registration to the last.
#pragma once

#include "services/vault/accounts/form_fields.h"
#include "services/vault/identity/token_signer.h"
#include "services/vault/vault_context.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// The one text for a stranger who may not register and for an account that exists already.
constexpr const char* kRegistrationRefused = "Registration not allowed or user already exists";

// All that a client sends of a new account.
struct Registration {
  std::string email;
  std::optional<std::string> name;
  std::optional<std::string> hint;
  Credentials credentials;
  std::optional<storage::AccountKeys> keys;
  bool isEmailVerified = false;  // Its owner got the token of this registration by mail.
  // Of an invitation of somebody here: as long as it is open it counts under every policy but
  // Closed.
  std::optional<std::string> emergencyAccessId = {};
};

// `register`, the one step of old clients.
Registration readOldRegistration(const json::Object& form, const VaultOptions& options);
// `register/finish`; the name comes from the verification token, where there is one. The token of
// an invitation to be an emergency contact serves as well. Throws BadRequest also for a token that
// is not ours, too old or for another address.
Registration readFinishedRegistration(const json::Object& form, const VaultContext& context);

// What the first step knows and the last one gets back.
struct RegistrationStart {
  std::string email;
  std::optional<std::string> name;
  bool isMailed = false;  // Whoever has the token reads mail to the address.
};

// Thirty minutes.
std::string signRegistrationToken(const VaultContext& context, std::string_view origin,
                                  const RegistrationStart& start);
[[nodiscard]] bool isRegistrationTokenFor(const VaultContext& context, std::string_view token,
                                          std::string_view email);

// Whether VaultOptions::signupDomains has the address's domain.
[[nodiscard]] bool isDomainAllowed(const VaultOptions& options, std::string_view email);

// Whether this address may begin to register now. An account that exists does not count against it,
// so that the answer does not tell.
[[nodiscard]] bool mayRegister(storage::Transaction& tx, const VaultOptions& options,
                               std::string_view email);

// Makes the account, or completes an invited one, and returns it as it is then. Throws BadRequest
// with kRegistrationRefused. Hashes the password: hash lane only.
storage::User registerAccount(const VaultContext& context, const Registration& registration);

// The row of a new account with a fresh id and security stamp.
storage::User newUser(const Registration& registration, storage::PasswordVerifier verifier,
                      UnixMicros now);

}  // namespace coffer::vault
