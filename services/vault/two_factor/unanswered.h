// SPDX-License-Identifier: BSD-2-Clause
//
// When the server that a second factor is checked with gives no answer: refused like a wrong code,
// so that clients let people try again or take another factor, but in words that say what is wrong.
// It does not count as a wrong try (SecondFactors::require).
#pragma once

#include "services/vault/two_factor/second_factor.h"

#include <string>

namespace coffer::vault {

struct VaultContext;

// Always throws an IdentityError with `message`; `reason` goes to the log.
[[noreturn]] void refuseUnanswered(const VaultContext& context, const FactorLogin& login,
                                   const char* message, const std::string& reason);

}  // namespace coffer::vault
