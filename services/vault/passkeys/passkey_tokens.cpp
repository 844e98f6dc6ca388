// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkey_tokens.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "services/vault/identity/token_signer.h"
#include "services/vault/json/writer.h"
#include "services/vault/webauthn/options_json.h"
#include "storage/database/database.h"
#include "storage/stores/spent_token_store.h"

namespace coffer::vault {
namespace {

// vault-extras 6.1 and 6.2.
constexpr UnixMicros kSessionLifetime = 7 * kMinute;
constexpr UnixMicros kLoginLifetime = 17 * kMinute;
// Longer than the signer's tolerance for clocks that differ.
constexpr UnixMicros kSpentMargin = kMinute;

std::string_view purposeOf(PasskeyCeremony ceremony) {
  switch (ceremony) {
    case PasskeyCeremony::Login:
      return "passkey_login";
    case PasskeyCeremony::Creation:
      return "passkey_creation";
    case PasskeyCeremony::KeySet:
      return "passkey_key_set";
  }
  return {};
}

UnixMicros lifetimeOf(PasskeyCeremony ceremony) {
  return ceremony == PasskeyCeremony::Login ? kLoginLifetime : kSessionLifetime;
}

[[noreturn]] void refuse() {
  throw BadRequest("The passkey took too long or was used before. Try again.");
}

}  // namespace

PasskeyChallenge issuePasskeyChallenge(const VaultContext& context, PasskeyCeremony ceremony,
                                       std::string_view userId) {
  PasskeyChallenge issued{newChallenge(), {}};
  std::string members;
  json::Writer writer(members);
  writer.field("sub", userId).field("challenge", toBase64Url(issued.challenge));
  issued.token = context.tokens.sign(
      {purposeOf(ceremony), context.options.origin, context.clock.now(), lifetimeOf(ceremony)},
      members);
  return issued;
}

std::string redeemPasskeyToken(const VaultContext& context, PasskeyCeremony ceremony,
                               std::string_view userId, std::string_view token) {
  const UnixMicros now = context.clock.now();
  const auto claims = context.tokens.verify(token, purposeOf(ceremony), now);
  if (!claims || claims->object().string("sub").value_or("") != userId) refuse();
  const auto challenge = fromBase64Url(claims->object().string("challenge").value_or(""));
  if (!challenge || challenge->empty()) refuse();
  std::string hash = sha256(*challenge);
  const bool isFirst = context.database.write([&](storage::Transaction& tx) {
    return storage::SpentTokenStore(tx).spend(hash, now + lifetimeOf(ceremony) + kSpentMargin);
  });
  if (!isFirst) refuse();
  return hash;
}

}  // namespace coffer::vault
