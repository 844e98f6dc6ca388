// SPDX-License-Identifier: BSD-2-Clause
//
// What clients see of an account: the profile, its keys and how to unlock it (vault-core 2.6, 4.1,
// 5.1), used by the account routes, the token endpoint and sync. Each writes one JSON value.
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {

// `hasSecondFactor` as SecondFactors::isEnabledFor() says.
void writeProfile(json::Writer& writer, const storage::User& user, bool hasSecondFactor);

// Null for an account without a key pair. Clients read every name below by its exact case.
void writeAccountKeys(json::Writer& writer, const storage::User& user);

// {"kdfType","iterations","memory","parallelism"}.
void writeKdf(json::Writer& writer, const storage::Kdf& kdf);

// `userDecryption.masterPasswordUnlock` of sync; null for an account without a password.
void writeMasterPasswordUnlock(json::Writer& writer, const storage::User& user);

// The whole `userDecryption` object of sync.
void writeUserDecryption(json::Writer& writer, const storage::User& user);

// The domains object of section 7.2. There are no global groups.
void writeDomains(json::Writer& writer, const storage::User& user);

}  // namespace coffer::vault
