// SPDX-License-Identifier: BSD-2-Clause
//
// Provider 0: codes of an authenticator app (vault-extras 4.4). The row's `data` is the key in
// base32, `lastUsed` the time step of the code that was accepted last: one code opens one login,
// however many try it at once.
#pragma once

#include "services/vault/two_factor/second_factor.h"
#include "storage/stores/two_factor_store.h"

#include <cstdint>
#include <optional>
#include <string>

namespace coffer::vault {

struct VaultContext;

class Authenticator final : public SecondFactor {
 public:
  explicit Authenticator(const VaultContext& context) : context_(context) {}

  Provider provider() const override { return Provider::Authenticator; }
  bool isUsable() const override { return true; }
  bool isEnabledFor(storage::Transaction& tx, std::string_view userId) const override;
  void writeChallenge(const FactorLogin& login, json::Writer& writer) const override;
  bool verify(const FactorLogin& login, std::string_view token) const override;
  void remove(storage::Transaction& tx, std::string_view userId) const override;

 private:
  const VaultContext& context_;
};

// The step a code is of, as the owner's setting allows for clocks that differ.
std::optional<std::int64_t> findAuthenticatorStep(const VaultContext& context, std::string_view key,
                                                  std::string_view code);

// "Invalid TOTP code! Server time: 2026-11-20 12:00:00 UTC IP: 192.0.2.1": for the log, whose
// filters know it.
std::string wrongAuthenticatorCode(const VaultContext& context, const http::Request& request);

}  // namespace coffer::vault
