// SPDX-License-Identifier: BSD-2-Clause
//
// Proof that mail to an account's address reaches its owner (vault-core 3.4.1 step 4 and 4.4).
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {

// What clients are told. Without mail nobody could prove anything, and asking them to would lead
// nowhere: every address counts as proved then.
[[nodiscard]] bool countsAsVerified(const VaultContext& context, const storage::User& user);

// Whether an account must prove its address before it can be entered.
[[nodiscard]] bool mustVerify(const VaultContext& context, const storage::User& user);

// A mail with a link, to whom a login was refused for it: at most one an hour and six in all.
void remindToVerify(const VaultContext& context, const http::Request& request,
                    const storage::User& user);

// The link for a new account that must verify: part of its welcome.
void welcomeToVerify(const VaultContext& context, const http::Request& request,
                     const storage::User& user);

// POST /accounts/verify-email and verify-email-token.
http::Response mailVerification(const VaultContext& context, http::Request& request);
http::Response verifyByToken(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
