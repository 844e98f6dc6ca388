// SPDX-License-Identifier: BSD-2-Clause
//
// What the set-up routes of every second factor share (vault-extras 4.2): proof that the person at
// the keyboard is the owner, in the form of either generation of clients, and the answer that both
// can read.
#pragma once

#include "services/vault/json/request_reader.h"
#include "services/vault/json/writer.h"
#include "services/vault/two_factor/second_factor.h"
#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// Of `userVerificationToken`.
constexpr std::string_view kSetUpPurpose = "two_factor_setup";
constexpr UnixMicros kSetUpTokenLifetime = 30 * kMinute;

// A mutating call: the account, when the form holds the secret (vault-core 4.2) or a
// `userVerificationToken` for this session, provider and `binding` (the authenticator's key; else
// ""). BadRequest otherwise. Hash lane.
storage::User requireSetUpProof(const VaultContext& context, const Session& session,
                                const json::Object& form, Provider provider,
                                std::string_view binding = {});
// The same for a call that only asks for what the mutating call that follows needs: a code in the
// form stays good for that one (vault-extras 0.2).
storage::User requireSetUpProofKeeping(const VaultContext& context, const Session& session,
                                       const json::Object& form, Provider provider);

// What a get-… route hands out after requireSecret(): opaque, thirty minutes.
std::string issueSetUpToken(const VaultContext& context, const Session& session, Provider provider,
                            std::string_view binding = {});

// True for clients that read the nested shape only (Bitwarden-Client-Version ≥ 2026.7.2); matters
// only where both shapes would need the same name.
[[nodiscard]] bool readsNestedShape(const http::Request& request);

// To be called in the transaction that enables a factor: makes the recovery code when there is none
// and moves the account's revision.
void factorEnabled(storage::Transaction& tx, std::string_view userId, UnixMicros now);
// In the one that disables a factor: forgets remembered devices when it was the last.
void factorDisabled(storage::Transaction& tx, std::string_view userId, UnixMicros now);

}  // namespace coffer::vault
