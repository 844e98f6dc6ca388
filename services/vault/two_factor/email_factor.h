// SPDX-License-Identifier: BSD-2-Clause
//
// Provider 1: a code that is mailed (vault-extras 4.5), for boxes that send mail. The row's `data`
// is the address, which may be another than the account's.
#pragma once

#include "services/vault/two_factor/second_factor.h"
#include "storage/stores/two_factor_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

struct VaultContext;
enum class CodePurpose;

class EmailFactor final : public SecondFactor {
 public:
  explicit EmailFactor(const VaultContext& context) : context_(context) {}

  Provider provider() const override { return Provider::Email; }
  bool isUsable() const override;
  bool isEnabledFor(storage::Transaction& tx, std::string_view userId) const override;
  void writeChallenge(const FactorLogin& login, json::Writer& writer) const override;
  // Mails the code to clients from before 2025.5.0, which do not ask for it.
  void challengedAlone(const FactorLogin& login) const override;
  bool verify(const FactorLogin& login, std::string_view token) const override;
  void remove(storage::Transaction& tx, std::string_view userId) const override;

 private:
  const VaultContext& context_;
};

// The confirmed address; nothing when the factor is not enabled.
std::optional<std::string> factorAddress(storage::Transaction& tx, std::string_view userId);

// Issues a code and mails it to `address`, both or neither; needs mail.
void mailCode(const VaultContext& context, std::string_view userId, CodePurpose purpose,
              const std::string& address);

// "by***@example.ext": what whoever has the password may see of the address.
std::string redactAddress(std::string_view address);

}  // namespace coffer::vault
