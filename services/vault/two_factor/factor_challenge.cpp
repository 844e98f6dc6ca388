// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/factor_challenge.h"

#include "services/vault/identity/identity_error.h"
#include "services/vault/identity/token_signer.h"

#include <algorithm>
#include <chrono>

namespace coffer::vault {
namespace {

constexpr std::string_view kMailSessionPurpose = "two_factor_mail";

std::string numberOf(const SecondFactor& factor) {
  return std::to_string(static_cast<int>(factor.provider()));
}

// Members of the body, without braces.
std::string challengeMembers(const VaultContext& context, const FactorLogin& login,
                             std::span<const SecondFactor* const> factors) {
  std::string members;
  json::Writer writer(members);
  writer.key("TwoFactorProviders").beginArray();
  for (const auto* factor : factors) writer.value(numberOf(*factor));
  writer.endArray().key("TwoFactorProviders2").beginObject();
  for (const auto* factor : factors) {
    writer.key(numberOf(*factor));
    factor->writeChallenge(login, writer);
  }
  writer.endObject().rawField("MasterPasswordPolicy", R"({"Object":"masterPasswordPolicy"})");
  const bool hasMail = std::any_of(factors.begin(), factors.end(), [](const auto* factor) {
    return factor->provider() == Provider::Email;
  });
  if (hasMail) {
    writer.field("SsoEmail2faSessionToken", issueMailSession(context, login.user))
        .field("Email", login.user.email);
  }
  return members;
}

}  // namespace

std::string issueMailSession(const VaultContext& context, const storage::User& user) {
  std::string members;
  json::Writer writer(members);
  writer.field("sub", user.id).field("sstamp", user.securityStamp);
  // As long as the code that it asks for.
  const UnixMicros lifetime = std::chrono::microseconds(context.options.codes.lifetime).count();
  return context.tokens.sign(
      {kMailSessionPurpose, context.options.origin, context.clock.now(), lifetime}, members);
}

bool isMailSession(const VaultContext& context, const storage::User& user, std::string_view token) {
  const auto claims = context.tokens.verify(token, kMailSessionPurpose, context.clock.now());
  return claims && claims->object().string("sub") == user.id &&
         claims->object().string("sstamp") == user.securityStamp;
}

void challenge(const VaultContext& context, const FactorLogin& login,
               std::span<const SecondFactor* const> factors) {
  std::string members = challengeMembers(context, login, factors);
  if (factors.size() == 1) factors.front()->challengedAlone(login);
  throw IdentityError("invalid_grant", "Two factor required.", "Two factor required.",
                      std::move(members));
}

}  // namespace coffer::vault
