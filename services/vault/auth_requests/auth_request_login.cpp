// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/auth_requests/auth_request_login.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "services/vault/auth_requests/auth_request_rules.h"
#include "services/vault/identity/identity_error.h"
#include "storage/database/database.h"

#include <optional>

namespace coffer::vault {
namespace {

[[noreturn]] void refuse(const http::Request& request, const std::string& email,
                         const std::string& code, const std::string& message,
                         const std::string& logged) {
  log::error("vault", logged + " IP: " + request.clientAddress() + ". Username: " + email + ".");
  throw IdentityError("invalid_grant", code, message);
}

}  // namespace

storage::AuthRequest requireApprovedRequest(const VaultContext& context,
                                            const http::Request& request, const TokenForm& form,
                                            const LoginAttempt& attempt, const DeviceClaim& device,
                                            std::string_view code) {
  std::optional<storage::AuthRequest> found;
  if (attempt.user) {
    found = context.database.read([&](storage::Transaction& tx) {
      return storage::AuthRequestStore(tx).find(attempt.user->id,
                                                toLowerAscii(form.get("authRequest")));
    });
  }
  if (!found) {
    const std::string message = "Auth request not found. Try again.";
    refuse(request, attempt.email, "auth_request_not_found", message, message + ".");
  }
  // A device that was removed meanwhile must come in like a new one.
  const bool isGood =
      attempt.isDeviceKnown && found->type == 0 && found->approved.value_or(false) &&
      !found->authenticatedAt && !isOver(*found, context.clock.now()) &&
      found->requestDeviceIdentifier == device.identifier && isAccessCode(*found, code);
  if (!isGood) {
    const std::string message = "Username or access code is incorrect. Try again";
    refuse(request, attempt.email, "invalid_username_or_password", message, message + ".");
  }
  if (attempt.user->disabled) {
    const std::string message = "This user has been disabled";
    refuse(request, attempt.email, "user_disabled", message, message + ".");
  }
  return std::move(*found);
}

}  // namespace coffer::vault
