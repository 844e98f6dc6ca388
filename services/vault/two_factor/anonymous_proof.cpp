// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/anonymous_proof.h"

#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/two_factor/factor_challenge.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxDeviceIdentifier = 64;

DeviceClaim readClaim(const json::Object& form) {
  DeviceClaim device;
  device.identifier = readText(form, "deviceIdentifier", kMaxDeviceIdentifier).value_or("");
  return device;
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
  const auto token = form.string("ssoEmail2FaSessionToken").value_or("");
  if (!token.empty() && attempt.user && !attempt.user->disabled &&
      isMailSession(context, *attempt.user, token)) {
    return attempt;
  }
  checkCharged(context, request, form, attempt);
  return attempt;
}

}  // namespace coffer::vault
