// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/set_up.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/client_version.h"
#include "services/vault/identity/token_signer.h"
#include "services/vault/two_factor/recovery_code.h"
#include "storage/stores/device_store.h"
#include "storage/stores/two_factor_store.h"
#include "storage/stores/webauthn_store.h"

namespace coffer::vault {
namespace {

constexpr ClientVersion kNestedSince{2026, 7, 2};

std::string bindingClaim(std::string_view binding) { return toHex(sha256(binding)); }

bool isSetUpToken(const VaultContext& context, const Session& session, std::string_view token,
                  Provider provider, std::string_view binding) {
  const auto claims = context.tokens.verify(token, kSetUpPurpose, context.clock.now());
  if (!claims) return false;
  const auto is = [object = claims->object()](std::string_view name, std::string_view text) {
    return object.string(name) == text;
  };
  return is("sub", session.userId) && is("device", session.deviceIdentifier) &&
         is("sstamp", session.securityStamp) && is("binding", bindingClaim(binding)) &&
         claims->object().integer("provider") == static_cast<int>(provider);
}

using RequireSecret = storage::User (*)(const VaultContext&, const Session&, const json::Object&);

storage::User requireProof(const VaultContext& context, const Session& session,
                           const json::Object& form, Provider provider, std::string_view binding,
                           RequireSecret requireThisSecret) {
  const auto token = form.string("userVerificationToken").value_or("");
  if (!token.empty() && isSetUpToken(context, session, token, provider, binding)) {
    return loadUser(context, session);
  }
  // Clients of 2024 send a token and the secret side by side.
  const bool hasSecret = !form.string("masterPasswordHash").value_or("").empty() ||
                         !form.string("otp").value_or("").empty();
  if (!token.empty() && !hasSecret) {
    throw json::ModelError("UserVerificationToken", "User verification failed.");
  }
  return requireThisSecret(context, session, form);
}

}  // namespace

storage::User requireSetUpProof(const VaultContext& context, const Session& session,
                                const json::Object& form, Provider provider,
                                std::string_view binding) {
  return requireProof(context, session, form, provider, binding, requireSecret);
}

storage::User requireSetUpProofKeeping(const VaultContext& context, const Session& session,
                                       const json::Object& form, Provider provider) {
  return requireProof(context, session, form, provider, {}, requireSecretKeeping);
}

std::string issueSetUpToken(const VaultContext& context, const Session& session, Provider provider,
                            std::string_view binding) {
  std::string members;
  json::Writer writer(members);
  writer.field("sub", session.userId)
      .field("device", session.deviceIdentifier)
      .field("sstamp", session.securityStamp)
      .field("provider", static_cast<int>(provider))
      .field("binding", bindingClaim(binding));
  return context.tokens.sign(
      {kSetUpPurpose, context.options.origin, context.clock.now(), kSetUpTokenLifetime}, members);
}

bool readsNestedShape(const http::Request& request) {
  const auto version = clientVersionOf(request);
  return version && *version >= kNestedSince;
}

void factorEnabled(storage::Transaction& tx, std::string_view userId, UnixMicros now) {
  storage::UserStore users(tx);
  const auto user = users.findById(userId);
  const bool isDone = user &&
                      (user->recoveryCode || users.setRecoveryCode(userId, makeRecoveryCode())) &&
                      users.bumpRevision(userId, now);
  if (!isDone) throw Unauthorized("Unauthorized.", "the account is gone");
}

void factorDisabled(storage::Transaction& tx, std::string_view userId, UnixMicros now) {
  if (!storage::TwoFactorStore(tx).hasAny(userId) &&
      !storage::WebAuthnStore(tx).hasAny(userId, storage::WebAuthnKind::SecondFactor)) {
    storage::DeviceStore(tx).forgetRemembered(userId);
  }
  if (!storage::UserStore(tx).bumpRevision(userId, now)) {
    throw Unauthorized("Unauthorized.", "the account is gone");
  }
}

}  // namespace coffer::vault
