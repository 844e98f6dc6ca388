// SPDX-License-Identifier: BSD-2-Clause
//
// Signed tokens in links that are mailed to the owner of an account: whoever has one reads mail to
// the account's address (vault-operations 5.3). A token is for one account, one purpose and the
// address it was sent to: it ends with any of them, and in time.
#pragma once

#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"

#include <string>
#include <string_view>

namespace coffer::vault {

constexpr std::string_view kVerifyEmailPurpose = "verifyemail";
constexpr std::string_view kDeleteAccountPurpose = "delete";

// Good for VaultOptions::invitationLifetime.
std::string signAccountToken(const VaultContext& context, std::string_view origin,
                             std::string_view purpose, std::string_view userId,
                             std::string_view email);

[[nodiscard]] bool isAccountTokenFor(const VaultContext& context, std::string_view token,
                                     std::string_view purpose, const storage::User& user);

}  // namespace coffer::vault
