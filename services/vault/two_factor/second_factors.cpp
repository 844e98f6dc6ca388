// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/second_factors.h"

#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/two_factor/authenticator.h"
#include "services/vault/two_factor/duo_factor.h"
#include "services/vault/two_factor/email_factor.h"
#include "services/vault/two_factor/factor_challenge.h"
#include "services/vault/two_factor/incomplete_logins.h"
#include "services/vault/two_factor/recovery_code.h"
#include "services/vault/two_factor/remembered_devices.h"
#include "services/vault/two_factor/webauthn_factor.h"
#include "services/vault/two_factor/yubikey_factor.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/device_store.h"
#include "storage/stores/two_factor_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

using Factors = std::vector<const SecondFactor*>;

// The one list of kinds, in the order of their numbers, which is that of every answer.
std::vector<std::unique_ptr<SecondFactor>> makeFactors(const VaultContext& context) {
  std::vector<std::unique_ptr<SecondFactor>> all;
  all.push_back(std::make_unique<Authenticator>(context));
  all.push_back(std::make_unique<EmailFactor>(context));
  all.push_back(std::make_unique<DuoFactor>(context));
  all.push_back(std::make_unique<YubiKeyFactor>(context));
  all.push_back(std::make_unique<WebAuthnFactor>(context));
  return all;
}

// Whether a login of the account is asked for it.
bool isAskedFor(const SecondFactor& factor, storage::Transaction& tx, std::string_view userId) {
  return factor.isEnabledFor(tx, userId) && factor.isUsableFor(tx, userId);
}

// What the account is asked for, and where the login comes from.
struct Situation {
  Factors factors;
  bool hasOthers = false;   // Ones that this server cannot check as it is configured now.
  std::string knownDevice;  // "": none that the account knows.
};

Situation readSituation(const VaultContext& context, const FactorLogin& login) {
  return context.database.read([&](storage::Transaction& tx) {
    Situation situation;
    situation.factors = context.secondFactors.listEnabled(tx, login.user.id);
    situation.hasOthers =
        situation.factors.empty() && context.secondFactors.isSetUpFor(tx, login.user.id);
    if (storage::DeviceStore(tx).isKnown(login.user.id, login.device.identifier)) {
      situation.knownDevice = login.device.identifier;
    }
    return situation;
  });
}

// A number that is no provider's is nothing.
std::optional<Provider> shownProvider(const TokenForm& form) {
  const auto number = parseUnsigned(form.get("twoFactorProvider"));
  if (!number || *number > static_cast<std::uint64_t>(Provider::RecoveryCode)) return std::nullopt;
  return static_cast<Provider>(*number);
}

const SecondFactor* find(const Factors& factors, Provider provider) {
  const auto found = std::find_if(factors.begin(), factors.end(), [&](const auto* factor) {
    return factor->provider() == provider;
  });
  return found == factors.end() ? nullptr : *found;
}

[[noreturn]] void ask(const VaultContext& context, const FactorLogin& login,
                      const Factors& factors) {
  recordIncompleteLogin(context, login);
  challenge(context, login, factors);
}

// Without TwoFactorProviders2, or clients begin anew instead of asking for another code.
[[noreturn]] void refuse(const VaultContext& context, const FactorLogin& login,
                         const char* message) {
  recordIncompleteLogin(context, login);
  throw IdentityError("invalid_grant", "invalid_username_or_password", message);
}

// Runs check() → bool unless the account has seen too many that were wrong. One that could not be
// carried out does not count.
template <typename F>
bool checkWithinLimit(const VaultContext& context, const FactorLogin& login,
                      const Situation& situation, F&& check) {
  const auto refund = [&] { context.throttle.refundFactor(login.user.id, situation.knownDevice); };
  context.throttle.chargeFactor(login.user.id, situation.knownDevice);
  bool isRight = false;
  try {
    isRight = check();
  } catch (...) {
    refund();
    throw;
  }
  if (isRight) refund();
  return isRight;
}

void requireRecoveryCode(const VaultContext& context, const FactorLogin& login,
                         const Situation& situation, const std::string& shown) {
  const auto& address = login.request.clientAddress();
  const bool isRight = checkWithinLimit(context, login, situation, [&] {
    return redeemRecoveryCode(context, login.user, shown, address);
  });
  if (!isRight) {
    const char* message = "Recovery code is incorrect. Try again.";
    log::error("vault", std::string(message) + " IP: " + address + ".");
    refuse(context, login, message);
  }
  log::warning("vault", "every second factor removed with the recovery code",
               {{"email", login.user.email}, {"ip", address}});
}

// What the account's factors need is no longer configured. Nobody gets in without one because of
// that: the recovery code does, and the owner of the box can remove them.
FactorOutcome requireDespiteConfiguration(const VaultContext& context, const FactorLogin& login,
                                          const Situation& situation) {
  const std::string& token = login.form.get("twoFactorToken");
  if (shownProvider(login.form) == Provider::RecoveryCode && !token.empty()) {
    requireRecoveryCode(context, login, situation, token);
    return {.wasAsked = true, .shallRemember = false};
  }
  log::error("vault",
             "a login was refused: what the account's second factors need is not configured; "
             "\"coffer vault user remove-factors\" removes them",
             {{"email", login.user.email}});
  refuse(context, login,
         "This server cannot check any second factor of this account. Use the recovery code, or "
         "ask whoever runs the server.");
}

}  // namespace

SecondFactors::SecondFactors(const VaultContext& context)
    : context_(context), factors_(makeFactors(context)) {}

SecondFactors::~SecondFactors() = default;

FactorOutcome SecondFactors::require(const FactorLogin& login) const {
  const Situation situation = readSituation(context_, login);
  if (situation.hasOthers) return requireDespiteConfiguration(context_, login, situation);
  if (situation.factors.empty()) return {};

  const auto provider = shownProvider(login.form);
  const std::string& token = login.form.get("twoFactorToken");
  if (!provider || token.empty()) ask(context_, login, situation.factors);

  if (*provider == Provider::Remember) {
    if (context_.options.rememberTwoFactor &&
        isRemembered(context_, login.user.id, login.device.identifier, token)) {
      return {.wasAsked = true, .shallRemember = false};
    }
    log::warning("vault", "2FA Remember token not provided or expired");
    ask(context_, login, situation.factors);
  }
  if (*provider == Provider::RecoveryCode) {
    requireRecoveryCode(context_, login, situation, token);
    return {.wasAsked = true, .shallRemember = false};
  }

  const SecondFactor* factor = find(situation.factors, *provider);
  if (factor == nullptr) {
    log::warning("vault", "Invalid two factor provider");
    ask(context_, login, situation.factors);
  }
  const bool isRight =
      checkWithinLimit(context_, login, situation, [&] { return factor->verify(login, token); });
  if (!isRight) refuse(context_, login, "Two-step token is invalid. Try again.");
  return {.wasAsked = true,
          .shallRemember =
              context_.options.rememberTwoFactor && login.form.get("twoFactorRemember") == "1"};
}

std::vector<const SecondFactor*> SecondFactors::listEnabled(storage::Transaction& tx,
                                                            std::string_view userId) const {
  Factors enabled;
  for (const auto& factor : factors_) {
    if (isAskedFor(*factor, tx, userId)) enabled.push_back(factor.get());
  }
  return enabled;
}

bool SecondFactors::callsOut(storage::Transaction& tx, std::string_view userId) const {
  return std::any_of(factors_.begin(), factors_.end(), [&](const auto& factor) {
    return factor->callsOut() && isAskedFor(*factor, tx, userId);
  });
}

bool SecondFactors::isEnabledFor(storage::Transaction& tx, std::string_view userId) const {
  return std::any_of(factors_.begin(), factors_.end(),
                     [&](const auto& factor) { return isAskedFor(*factor, tx, userId); });
}

bool SecondFactors::isSetUpFor(storage::Transaction& tx, std::string_view userId) const {
  return std::any_of(factors_.begin(), factors_.end(),
                     [&](const auto& factor) { return factor->isEnabledFor(tx, userId); });
}

void SecondFactors::removeAll(storage::Transaction& tx, std::string_view userId,
                              UnixMicros now) const {
  for (const auto& factor : factors_) factor->remove(tx, userId);
  storage::TwoFactorStore(tx).removeAll(userId);  // Kinds that came from elsewhere.
  storage::DeviceStore(tx).forgetRemembered(userId);
  storage::UserStore users(tx);
  if (!users.setRecoveryCode(userId, std::nullopt) || !users.bumpRevision(userId, now)) {
    throw Unauthorized("Unauthorized.", "the account is gone");
  }
}

}  // namespace coffer::vault
