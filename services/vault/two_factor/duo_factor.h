// SPDX-License-Identifier: BSD-2-Clause
//
// Provider 2: Duo's Universal Prompt (vault-extras 4.8). The challenge holds the address of Duo's
// page; the person comes back with code and state, which the client shows as "code|state". The
// state is good for five minutes and one try, for this account on this device.
//
// While Duo does not answer, accounts that have another factor are still asked for one: the
// challenge is made then with AuthUrl null.
#pragma once

#include "services/vault/two_factor/second_factor.h"

#include <string>

namespace coffer::vault {

struct VaultContext;
struct DuoApplication;

class DuoFactor final : public SecondFactor {
 public:
  explicit DuoFactor(const VaultContext& context) : context_(context) {}

  Provider provider() const override { return Provider::Duo; }
  bool isUsable() const override { return true; }  // Accounts may have an application of their own.
  bool isUsableFor(storage::Transaction& tx, std::string_view userId) const override;
  bool isEnabledFor(storage::Transaction& tx, std::string_view userId) const override;
  void writeChallenge(const FactorLogin& login, json::Writer& writer) const override;
  bool verify(const FactorLogin& login, std::string_view token) const override;
  bool callsOut() const override { return true; }
  void remove(storage::Transaction& tx, std::string_view userId) const override;

 private:
  std::string beginLogin(const FactorLogin& login, const DuoApplication& application) const;

  const VaultContext& context_;
};

// What is said to people when Duo cannot be asked.
constexpr const char* kNoDuoAnswer = "Duo does not answer. Try again later.";

}  // namespace coffer::vault
