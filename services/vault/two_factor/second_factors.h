// SPDX-License-Identifier: BSD-2-Clause
//
// The second step of a login (vault-extras 4.9 to 4.12): asks for a factor when the account has one
// and checks what was shown. Holds one object of every kind.
//
// Threads: any.
#pragma once

#include "services/vault/two_factor/second_factor.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace coffer::vault {

struct VaultContext;

// How the second step went; the login may go on.
struct FactorOutcome {
  bool wasAsked = false;  // False: the account has no usable factor.
  // The client asked to be remembered: goes into the answer as "TwoFactorToken" and, with the
  // device, into the transaction that records the login.
  bool shallRemember = false;
};

class SecondFactors {
 public:
  explicit SecondFactors(const VaultContext& context);
  ~SecondFactors();

  // Returns when the login may go on. Throws the 400 of vault-extras 4.11 when a factor is needed,
  // an ordinary refusal when what was shown is wrong, and TooManyRequests after too many of those.
  // Writes to the database; hash lane, or the outbound one when callsOut().
  FactorOutcome require(const FactorLogin& login) const;

  // The usable ones of the account, in the order of their numbers.
  std::vector<const SecondFactor*> listEnabled(storage::Transaction& tx,
                                               std::string_view userId) const;
  // Whether require() will call another server for this account (callsOut()).
  bool callsOut(storage::Transaction& tx, std::string_view userId) const;
  // The account has at least one usable factor: the profile's twoFactorEnabled.
  bool isEnabledFor(storage::Transaction& tx, std::string_view userId) const;
  // The account has a factor, whether or not this server can check it.
  bool isSetUpFor(storage::Transaction& tx, std::string_view userId) const;
  // Every factor, remembered device and the recovery code. Part of the caller's transaction.
  void removeAll(storage::Transaction& tx, std::string_view userId, UnixMicros now) const;

  std::span<const std::unique_ptr<SecondFactor>> all() const { return factors_; }

 private:
  const VaultContext& context_;
  std::vector<std::unique_ptr<SecondFactor>> factors_;
};

}  // namespace coffer::vault
