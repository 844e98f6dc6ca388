// SPDX-License-Identifier: BSD-2-Clause
//
// Provider 7: security keys (vault-extras 4.6). An account has up to ten; any of them opens a
// login. The factor is on as long as there is one.
#pragma once

#include "services/vault/two_factor/second_factor.h"

#include <string_view>

namespace coffer::vault {

struct VaultContext;

class WebAuthnFactor final : public SecondFactor {
 public:
  explicit WebAuthnFactor(const VaultContext& context) : context_(context) {}

  Provider provider() const override { return Provider::WebAuthn; }
  bool isUsable() const override;
  bool isEnabledFor(storage::Transaction& tx, std::string_view userId) const override;
  // Hands out a new challenge; the one before is void.
  void writeChallenge(const FactorLogin& login, json::Writer& writer) const override;
  bool verify(const FactorLogin& login, std::string_view token) const override;
  void remove(storage::Transaction& tx, std::string_view userId) const override;

 private:
  const VaultContext& context_;
};

}  // namespace coffer::vault
