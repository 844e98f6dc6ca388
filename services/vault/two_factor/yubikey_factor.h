// SPDX-License-Identifier: BSD-2-Clause
//
// Provider 3: codes that a YubiKey types (vault-extras 4.7), for boxes that have a client id at a
// validation server. The row's `data` is {"keys":["cccccccfhcbe",…],"nfc":true}: the ids of up to
// five keys, and whether phones may offer to read them by NFC.
#pragma once

#include "services/vault/two_factor/second_factor.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

struct VaultContext;

constexpr std::size_t kMaxYubiKeys = 5;

struct YubiKeys {
  std::vector<std::string> ids;  // 12 characters each.
  bool nfc = false;
};

class YubiKeyFactor final : public SecondFactor {
 public:
  explicit YubiKeyFactor(const VaultContext& context) : context_(context) {}

  Provider provider() const override { return Provider::YubiKey; }
  bool isUsable() const override;
  bool isEnabledFor(storage::Transaction& tx, std::string_view userId) const override;
  void writeChallenge(const FactorLogin& login, json::Writer& writer) const override;
  bool verify(const FactorLogin& login, std::string_view token) const override;
  bool callsOut() const override { return true; }
  void remove(storage::Transaction& tx, std::string_view userId) const override;

 private:
  const VaultContext& context_;
};

// What is said to people when the validation server cannot be asked.
constexpr const char* kNoYubiKeyAnswer =
    "The validation service for YubiKeys does not answer. Try again later.";

// The enabled keys; nothing when the factor is not enabled.
std::optional<YubiKeys> findYubiKeys(storage::Transaction& tx, std::string_view userId);
std::string renderYubiKeys(const YubiKeys& keys);  // As the row keeps them.

// False when the code was taken before. A careful validation server says so itself.
[[nodiscard]] bool spendYubiKeyOtp(storage::Transaction& tx, const std::string& otp,
                                   UnixMicros now);

}  // namespace coffer::vault
