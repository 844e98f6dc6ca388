// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/second_factors.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

SecondFactors::SecondFactors(const VaultContext& context) : context_(context) {}
SecondFactors::~SecondFactors() = default;

FactorOutcome SecondFactors::require(const FactorLogin&) const { return {}; }

bool SecondFactors::callsOut(storage::Transaction&, std::string_view) const { return false; }

bool SecondFactors::isEnabledFor(storage::Transaction&, std::string_view) const { return false; }

void SecondFactors::removeAll(storage::Transaction&, std::string_view, UnixMicros) const {
  static_cast<void>(context_);
}

}  // namespace coffer::vault
