// SPDX-License-Identifier: BSD-2-Clause
//
// What clients see of an account: the profile, its keys and how to unlock it (vault-core 2.6, 4.1,
// 5.1), used by the account routes, the token endpoint and sync. Each writes one JSON value.
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/user_store.h"
#include "storage/stores/webauthn_store.h"

#include <span>

namespace coffer::storage {
class Transaction;
}

namespace coffer::vault {

struct VaultContext;

// What a profile tells beside the account's row.
struct ProfileFacts {
  bool hasSecondFactor = false;  // SecondFactors::isEnabledFor()
  bool isEmailVerified = true;   // countsAsVerified()
};

ProfileFacts readProfileFacts(const VaultContext& context, storage::Transaction& tx,
                              const storage::User& user);

void writeProfile(json::Writer& writer, const storage::User& user, const ProfileFacts& facts);

// Null for an account without a key pair. Clients read every name below by its exact case.
void writeAccountKeys(json::Writer& writer, const storage::User& user);

// {"kdfType","iterations","memory","parallelism"}.
void writeKdf(json::Writer& writer, const storage::Kdf& kdf);

// `userDecryption.masterPasswordUnlock` of sync; null for an account without a password.
void writeMasterPasswordUnlock(json::Writer& writer, const storage::User& user);

// The whole `userDecryption` object of sync; `passkeys` are the account's.
void writeUserDecryption(json::Writer& writer, const storage::User& user,
                         std::span<const storage::WebAuthnCredential> passkeys);

}  // namespace coffer::vault
