// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/anonymous_proof.h"

#include "appliance/base/bytes.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/auth_requests/auth_request_rules.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/two_factor/factor_challenge.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxDeviceIdentifier = 64;

DeviceClaim readClaim(const json::Object& form) {
  DeviceClaim device;
  device.identifier = readText(form, "deviceIdentifier", kMaxDeviceIdentifier).value_or("");
  return device;
}

// Whoever asks may have made the request: it proves something once another device has said yes.
bool hasApprovedRequest(const VaultContext& context, const json::Object& form,
                        const storage::User& user) {
  const auto id = form.string("authRequestId").value_or("");
  const auto code = form.string("authRequestAccessCode").value_or("");
  if (id.empty() || code.empty()) return false;
  const auto found = context.database.read([&](storage::Transaction& tx) {
    return findByCode(tx, toLowerAscii(id), code, context.clock.now());
  });
  return found && found->userId == user.id && found->approved == true && !found->authenticatedAt;
}

LoginAttempt findCharged(const VaultContext& context, const http::Request& request,
                         const json::Object& form) {
  const auto email = form.requiredString("email");
  const DeviceClaim device = readClaim(form);
  context.throttle.chargeLogin(request.clientAddress());
  return findAttempt(context, email, device);
}

void checkCharged(const VaultContext& context, const http::Request& request,
                  const json::Object& form, const LoginAttempt& attempt) {
  const auto shown = readPasswordHash(form, "masterPasswordHash");
  const DeviceClaim device = readClaim(form);
  if (!attempt.isDeviceKnown) {
    context.throttle.chargeAccount(attempt.email);
    checkPassword(context, request, attempt, shown);
    return;
  }
  context.throttle.chargeDevice(attempt.user->id, device.identifier);
  checkPassword(context, request, attempt, shown);
  context.throttle.refundDevice(attempt.user->id, device.identifier);
}

}  // namespace

LoginAttempt requirePasswordOf(const VaultContext& context, const http::Request& request,
                               const json::Object& form) {
  auto attempt = findCharged(context, request, form);
  checkCharged(context, request, form, attempt);
  return attempt;
}

LoginAttempt requireLoginProof(const VaultContext& context, const http::Request& request,
                               const json::Object& form) {
  auto attempt = findCharged(context, request, form);
  if (attempt.user && !attempt.user->disabled) {
    const auto session = form.string("ssoEmail2FaSessionToken").value_or("");
    const bool isProven = (!session.empty() && isMailSession(context, *attempt.user, session)) ||
                          hasApprovedRequest(context, form, *attempt.user);
    if (isProven) return attempt;
  }
  checkCharged(context, request, form, attempt);
  return attempt;
}

}  // namespace coffer::vault
