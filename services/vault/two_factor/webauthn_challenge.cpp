// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/webauthn_challenge.h"

#include "appliance/base/digest.h"
#include "storage/stores/one_time_code_store.h"

namespace coffer::vault {
namespace {

// As long as those of passkeys (vault-extras 6.1 and 6.2): somebody may have to fetch the key.
constexpr UnixMicros kRegistrationLifetime = 7 * kMinute;
constexpr UnixMicros kLoginLifetime = 17 * kMinute;

std::string_view purposeOf(KeyCeremony ceremony) {
  return ceremony == KeyCeremony::Registration ? "webauthn_registration" : "webauthn_login";
}

}  // namespace

void keepChallenge(storage::Transaction& tx, std::string_view userId, KeyCeremony ceremony,
                   std::string_view challenge, UnixMicros now) {
  storage::OneTimeCode code;
  code.hash = sha256(challenge);
  code.sentAt = now;
  code.expiresAt =
      now + (ceremony == KeyCeremony::Registration ? kRegistrationLifetime : kLoginLifetime);
  storage::OneTimeCodeStore(tx).put(userId, purposeOf(ceremony), code);
}

std::optional<std::string> takeChallenge(storage::Transaction& tx, std::string_view userId,
                                         KeyCeremony ceremony, UnixMicros now) {
  storage::OneTimeCodeStore codes(tx);
  auto code = codes.find(userId, purposeOf(ceremony));
  if (!code) return std::nullopt;
  codes.remove(userId, purposeOf(ceremony));
  if (code->expiresAt <= now) return std::nullopt;
  return std::move(code->hash);
}

}  // namespace coffer::vault
