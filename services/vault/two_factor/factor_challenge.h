// SPDX-License-Identifier: BSD-2-Clause
//
// What the token endpoint answers when a login needs a second factor: 400 with the list of those
// the account has, in the exact case that clients look for (vault-extras 4.11).
#pragma once

#include "services/vault/two_factor/second_factor.h"
#include "services/vault/vault_context.h"

#include <span>
#include <string>
#include <string_view>

namespace coffer::vault {

// What a login without its factor shows to be sent a code by mail: says that the password was right
// a moment ago. For a client that no longer has it at hand.
std::string issueMailSession(const VaultContext& context, const storage::User& user);
[[nodiscard]] bool isMailSession(const VaultContext& context, const storage::User& user,
                                 std::string_view token);

// `factors` is not empty. Asks every one of them for its part, which may take as long as their
// writeChallenge() does. Always throws an IdentityError.
[[noreturn]] void challenge(const VaultContext& context, const FactorLogin& login,
                            std::span<const SecondFactor* const> factors);

}  // namespace coffer::vault
