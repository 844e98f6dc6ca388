// SPDX-License-Identifier: BSD-2-Clause
//
// Codes of six digits for those who may read a Send because their address is listed
// (vault-extras 2.9 B): good for five minutes and once, one for each Send and address at a time.
// Neither the answer nor what the server writes, and so how long it takes, tells a listed address
// from another one, nor a Send from none.
// The caller limits how often these can be called.
#pragma once

#include "services/vault/vault_context.h"
#include "storage/stores/send_store.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// `email` as parseEmail() writes it. A code in the place of the one before, mailed when the address
// is listed. None while too many wrong tries hold up the one before. Disk.
void mailSendCode(const VaultContext& context, const storage::Send& send, const std::string& email);

// Uses the code up. Wrong tries count.
[[nodiscard]] bool redeemSendCode(const VaultContext& context, const storage::Send& send,
                                  const std::string& email, std::string_view code);

// The same work for an id that names no Send, and nothing comes of it.
void feignMailingCode(const VaultContext& context, const std::string& email);
void feignRedeemingCode(const VaultContext& context);

}  // namespace coffer::vault
