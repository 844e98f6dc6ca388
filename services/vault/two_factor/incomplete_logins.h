// SPDX-License-Identifier: BSD-2-Clause
//
// Tells people of logins to their account that had the right password and no second factor
// (vault-extras 4.14): somebody else may know the password. Needs mail, and an
// incompleteLoginNotice above zero; without them nothing is recorded.
#pragma once

#include "services/vault/two_factor/second_factor.h"
#include "services/vault/vault_context.h"

#include <cstdint>
#include <string_view>

namespace coffer::vault {

// The login was asked for a factor, or showed a wrong one. Writes at the first time only.
void recordIncompleteLogin(const VaultContext& context, const FactorLogin& login);

// It was completed. Part of the transaction that records it.
void forgetIncompleteLogin(storage::Transaction& tx, std::string_view userId,
                           std::string_view device);

// The job: a mail for each that has been open for too long. Mail and row are one transaction, so
// that each is told of once. Returns how many.
std::uint64_t noticeIncompleteLogins(const VaultContext& context);

}  // namespace coffer::vault
