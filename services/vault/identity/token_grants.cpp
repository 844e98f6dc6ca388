// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/token_grants.h"

#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/auth_requests/auth_request_login.h"
#include "services/vault/identity/grant_steps.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/identity/new_device.h"
#include "services/vault/identity/token_form.h"
#include "services/vault/identity/token_json.h"
#include "services/vault/passkeys/passkey_login.h"
#include "services/vault/respond.h"
#include "services/vault/sends/send_access_grant.h"
#include "services/vault/two_factor/second_factors.h"
#include "services/vault/vault_metrics.h"
#include "storage/database/database.h"

#include <memory>

namespace coffer::vault {
namespace {

// Counts how a grant ended. One object a grant; refused unless somebody says otherwise.
class GrantCount {
 public:
  GrantCount(VaultMetrics& metrics, GrantType grant) : metrics_(metrics), grant_(grant) {}
  ~GrantCount() { metrics_.countLogin(grant_, result_); }
  GrantCount(const GrantCount&) = delete;
  GrantCount& operator=(const GrantCount&) = delete;

  void granted() { result_ = GrantResult::Granted; }

  // Runs a charge of the throttle and remembers that it said no.
  template <typename F>
  void charge(F&& charge) {
    try {
      charge();
    } catch (const TooManyRequests&) {
      result_ = GrantResult::Throttled;
      throw;
    }
  }

 private:
  VaultMetrics& metrics_;
  GrantType grant_;
  GrantResult result_ = GrantResult::Refused;
};

// A password login on its way through the steps from the form to the answer.
struct PasswordLogin {
  PasswordLogin(const VaultContext& context, const TokenForm& sent)
      : count(context.metrics, GrantType::Password), form(sent) {}

  GrantCount count;
  const TokenForm form;
  DeviceClaim device;
  LoginAttempt attempt;
  std::optional<storage::AuthRequest> approved;       // In the place of a password.
  std::optional<storage::PasswordVerifier> rehashed;  // When the setting was raised.
};

http::Response finishPassword(const VaultContext& context, const http::Request& request,
                              PasswordLogin& login) {
  const storage::User& user = *login.attempt.user;
  FactorOutcome factor;
  login.count.charge([&] {
    factor = context.secondFactors.require({request, login.form, user, login.device});
  });
  if (!factor.wasAsked && !login.approved) {
    login.count.charge(
        [&] { requireKnownDevice(context, request, login.form, login.attempt, login.device); });
  }
  const auto news = newDeviceMail(context, request, user, login.device);
  const Login recorded =
      login.approved
          ? recordApprovedLogin(context, user, login.device, *login.approved, factor, news)
          : recordPasswordLogin(context, user, login.device, login.rehashed, factor, news);
  login.count.granted();
  if (!login.attempt.isDeviceKnown) context.throttle.refundAccount(login.attempt.email);
  log::info("vault", "User " + login.attempt.email +
                         " logged in successfully. IP: " + request.clientAddress());
  return answerLogin(context, request, recorded, login.form.get("clientId"));
}

// Nothing is hashed after this step, which may go on where that must not be done.
http::Response checkShown(const VaultContext& context, const http::Request& request,
                          const std::shared_ptr<PasswordLogin>& login) {
  const TokenForm& form = login->form;
  const DeviceClaim& device = login->device;
  const std::string& shown = readPassword(form);
  const LoginAttempt& attempt = login->attempt = findAttempt(context, form.get("username"), device);
  login->count.charge([&] {
    if (attempt.isDeviceKnown) {
      context.throttle.chargeDevice(attempt.user->id, device.identifier);
    } else {
      context.throttle.chargeAccount(attempt.email);
    }
  });
  if (form.get("authRequest").empty()) {
    checkPassword(context, request, attempt, shown);
    login->rehashed = rehashIfOutdated(context, *attempt.user, shown);
  } else {
    login->approved = requireApprovedRequest(context, request, form, attempt, device, shown);
  }
  requireVerifiedEmail(context, request, *attempt.user);
  if (attempt.isDeviceKnown) context.throttle.refundDevice(attempt.user->id, device.identifier);

  const bool callsOut = context.database.read([&](storage::Transaction& tx) {
    return context.secondFactors.callsOut(tx, attempt.user->id);
  });
  if (!callsOut) return finishPassword(context, request, *login);
  return http::Response::onLane(http::Lane::Outbound, [&context, login](http::Request& same) {
    return finishPassword(context, same, *login);
  });
}

// Whoever tries too often is turned away here, without a place among those who wait for a hash.
http::Response grantPassword(const VaultContext& context, const http::Request& request,
                             const TokenForm& form) {
  const auto login = std::make_shared<PasswordLogin>(context, form);
  requireFields(form, {"clientId", "password", "scope", "username", "deviceType",
                       "deviceIdentifier", "deviceName"});
  requireScope(form, "api offline_access");
  login->device = readDevice(form);
  readPassword(form);
  login->count.charge([&] { context.throttle.chargeLogin(request.clientAddress()); });

  if (!form.get("authRequest").empty()) return checkShown(context, request, login);
  return http::Response::onLane(http::Lane::Hash, [&context, login](http::Request& same) {
    return checkShown(context, same, login);
  });
}

http::Response grantRefresh(const VaultContext& context, const http::Request& request,
                            const TokenForm& form) {
  GrantCount count(context.metrics, GrantType::RefreshToken);
  const Refresh refresh = recordRefresh(context, request, form);
  count.granted();
  return answerRefresh(context, request, refresh, form);
}

http::Response grantApiKey(const VaultContext& context, const http::Request& request,
                           const TokenForm& form) {
  GrantCount count(context.metrics, GrantType::ClientCredentials);
  requireFields(
      form, {"clientId", "clientSecret", "scope", "deviceType", "deviceIdentifier", "deviceName"});
  requireScope(form, "api");
  const DeviceClaim device = readDevice(form);
  count.charge([&] { context.throttle.chargeLogin(request.clientAddress()); });

  const Login login = recordApiKeyLogin(context, request, form, device);
  count.granted();
  log::info("vault", "User " + login.user.email +
                         " logged in successfully via API key. IP: " + request.clientAddress());
  return answerLogin(context, request, login, form.get("clientId"));
}

http::Response grantPasskey(const VaultContext& context, const http::Request& request,
                            const TokenForm& form) {
  GrantCount count(context.metrics, GrantType::WebAuthn);
  requireFields(form, {"clientId", "scope", "token", "deviceResponse", "deviceType",
                       "deviceIdentifier", "deviceName"});
  requireScope(form, "api offline_access");
  const DeviceClaim device = readDevice(form);
  count.charge([&] { context.throttle.chargeLogin(request.clientAddress()); });

  const PasskeyLogin shown = checkPasskeyLogin(context, request, form);
  requireVerifiedEmail(context, request, shown.user);
  const Login login = recordPasskeyLogin(context, shown.user, device, shown.passkey,
                                         newDeviceMail(context, request, shown.user, device));
  count.granted();
  log::info("vault", "User " + login.user.email +
                         " logged in successfully via passkey. IP: " + request.clientAddress());
  return answerLogin(context, request, login, form.get("clientId"));
}

http::Response grantSend(const VaultContext& context, const http::Request& request,
                         const TokenForm& form) {
  context.throttle.chargeAnonymous(request.clientAddress());
  if (form.get("passwordHashB64").empty()) return grantSendAccess(context, request, form);
  return http::Response::onLane(http::Lane::Hash, [&context, form](http::Request& same) {
    return grantSendAccess(context, same, form);
  });
}

}  // namespace

http::Response grantToken(const VaultContext& context, http::Request& request) {
  const TokenForm form = TokenForm::parse(request.body());
  const std::string& type = form.get("grantType");
  if (type == "password") return grantPassword(context, request, form);
  if (type == "refresh_token") return grantRefresh(context, request, form);
  if (type == "client_credentials") return grantApiKey(context, request, form);
  if (type == "webauthn") return grantPasskey(context, request, form);
  if (type == "send_access") return grantSend(context, request, form);
  if (type == "authorization_code") {
    throw IdentityError("invalid_grant", "sso_not_available", "SSO sign-in is not available");
  }
  requireFields(form, {"grantType"});
  throw IdentityError("unsupported_grant_type", "", "This type of sign-in is not supported.");
}

}  // namespace coffer::vault
