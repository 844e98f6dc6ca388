// SPDX-License-Identifier: BSD-2-Clause
//
// The steps that the grants of the token endpoint are made of: reading the form, finding the
// account, checking what was shown, recording the login. Each refuses with an IdentityError and
// writes the log line that fail2ban filters match (vault-operations 7.3).
#pragma once

#include "appliance/http/request.h"
#include "services/vault/identity/token_form.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/vault_context.h"
#include "storage/stores/auth_request_store.h"
#include "storage/stores/device_store.h"
#include "storage/stores/user_store.h"
#include "storage/stores/webauthn_store.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

struct FactorOutcome;

// What the client says about itself.
struct DeviceClaim {
  std::string identifier;
  std::string name;
  int type = 0;
};

// The account somebody wants to enter, if there is one.
struct LoginAttempt {
  std::string email;
  std::optional<storage::User> user;
  bool isDeviceKnown = false;
  // How much work the check of a password is when there is none to check (stand_in.h).
  std::int64_t standInIterations = 0;
};

// A login that has been recorded.
struct Login {
  storage::User user;
  DeviceClaim device;
  std::vector<std::string> scope;
  std::optional<std::string> refreshToken;   // Not for API keys.
  std::optional<std::string> rememberToken;  // In place of the second factor, the next time.
  std::optional<storage::WebAuthnCredential> passkey = {};  // What it was made with.
};

struct Refresh {
  storage::User user;
  storage::Device device;
};

// Refuses the first field that is empty as "<name> cannot be blank".
void requireFields(const TokenForm& form, std::initializer_list<std::string_view> names);
// Refuses any other set of words than `scope`.
void requireScope(const TokenForm& form, std::string_view scope);
DeviceClaim readDevice(const TokenForm& form);
const std::string& readPassword(const TokenForm& form);

LoginAttempt findAttempt(const VaultContext& context, std::string_view username,
                         const DeviceClaim& device);

// An unknown account and a wrong password take the same time and get the same refusal.
void checkPassword(const VaultContext& context, const http::Request& request,
                   const LoginAttempt& attempt, std::string_view shown);

// Refuses an account that must prove its address first, and mails it the link now and then.
void requireVerifiedEmail(const VaultContext& context, const http::Request& request,
                          const storage::User& user);

// The right password hashed again, when the setting was raised since it was hashed. Hash lane.
std::optional<storage::PasswordVerifier> rehashIfOutdated(const VaultContext& context,
                                                          const storage::User& user,
                                                          std::string_view shown);

// Makes the device known, gives it a refresh token, remembers it when the second factor says so,
// and stores the password as it was hashed again. Sends `news` of a device that was not known.
// Refuses when the password was changed in the meantime.
Login recordPasswordLogin(const VaultContext& context, const storage::User& user,
                          const DeviceClaim& device,
                          const std::optional<storage::PasswordVerifier>& rehashed,
                          const FactorOutcome& factor,
                          const std::optional<RenderedMail>& news = {});

// The same with a request that another device approved in the place of the password; refuses when
// it was used meanwhile.
Login recordApprovedLogin(const VaultContext& context, const storage::User& user,
                          const DeviceClaim& device, const storage::AuthRequest& approved,
                          const FactorOutcome& factor,
                          const std::optional<RenderedMail>& news = {});

// The same without a password: `passkey` was shown and is right.
Login recordPasskeyLogin(const VaultContext& context, const storage::User& user,
                         const DeviceClaim& device, const storage::WebAuthnCredential& passkey,
                         const std::optional<RenderedMail>& news = {});

// Checks `client_id` and `client_secret` and makes the device known.
Login recordApiKeyLogin(const VaultContext& context, const http::Request& request,
                        const TokenForm& form, const DeviceClaim& device);

// Finds the session of a refresh token and prolongs it. Every failure is the body
// {"error":"invalid_grant"} and nothing else: anything more makes clients loop or crash.
Refresh recordRefresh(const VaultContext& context, const http::Request& request,
                      const TokenForm& form);

}  // namespace coffer::vault
