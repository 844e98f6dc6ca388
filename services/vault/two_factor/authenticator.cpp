// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/authenticator.h"

#include "appliance/base/log.h"
#include "services/vault/two_factor/totp.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

constexpr int kType = static_cast<int>(Provider::Authenticator);

// "2026-11-20 12:00:00 UTC"
std::string serverTime(UnixMicros now) {
  constexpr std::size_t dateLength = 10;
  constexpr std::size_t timeLength = 8;
  const std::string iso = formatIsoDate(now);
  return iso.substr(0, dateLength) + " " + iso.substr(dateLength + 1, timeLength) + " UTC";
}

}  // namespace

bool Authenticator::isEnabledFor(storage::Transaction& tx, std::string_view userId) const {
  return storage::TwoFactorStore(tx).isEnabled(userId, kType);
}

void Authenticator::writeChallenge(const FactorLogin&, json::Writer& writer) const {
  writer.value(nullptr);
}

bool Authenticator::verify(const FactorLogin& login, std::string_view token) const {
  const auto row = context_.database.read([&](storage::Transaction& tx) {
    return storage::TwoFactorStore(tx).find(login.user.id, kType);
  });
  const auto step = row ? findAuthenticatorStep(context_, row->data, token) : std::nullopt;
  if (step) {
    const bool isFirstUse = context_.database.write([&](storage::Transaction& tx) {
      return storage::TwoFactorStore(tx).raiseLastUsed(login.user.id, kType, row->data, *step);
    });
    if (isFirstUse) return true;
    log::warning("vault", "a code of the authenticator was used again",
                 {{"email", login.user.email}});
  }
  log::error("vault", wrongAuthenticatorCode(context_, login.request));
  return false;
}

void Authenticator::remove(storage::Transaction& tx, std::string_view userId) const {
  (void)storage::TwoFactorStore(tx).remove(userId, kType);
}

std::optional<std::int64_t> findAuthenticatorStep(const VaultContext& context, std::string_view key,
                                                  std::string_view code) {
  return findTotpStep(key, code, context.clock.now(), context.options.authenticatorDrift ? 1 : 0);
}

std::string wrongAuthenticatorCode(const VaultContext& context, const http::Request& request) {
  return "Invalid TOTP code! Server time: " + serverTime(context.clock.now()) +
         " IP: " + request.clientAddress();
}

}  // namespace coffer::vault
