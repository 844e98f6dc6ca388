// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/account_tokens.h"

#include "services/vault/identity/token_signer.h"
#include "services/vault/json/writer.h"

#include <chrono>

namespace coffer::vault {

std::string signAccountToken(const VaultContext& context, std::string_view origin,
                             std::string_view purpose, std::string_view userId,
                             std::string_view email) {
  std::string members;
  json::Writer writer(members);
  writer.field("sub", userId).field("email", email);
  const UnixMicros lifetime = std::chrono::microseconds(context.options.invitationLifetime).count();
  return context.tokens.sign({purpose, origin, context.clock.now(), lifetime}, members);
}

bool isAccountTokenFor(const VaultContext& context, std::string_view token,
                       std::string_view purpose, const storage::User& user) {
  const auto claims = context.tokens.verify(token, purpose, context.clock.now());
  return claims && claims->object().string("sub") == user.id &&
         claims->object().string("email") == user.email;
}

}  // namespace coffer::vault
