// SPDX-License-Identifier: BSD-2-Clause
//
// Accounts from the command line. The program acts as a client here: it derives the keys from the
// master password, makes the account's symmetric key and its RSA pair, and stores only what a
// client would have sent. Neither the password nor any key in clear reaches the disk.
//
// May run beside the server, over the same database file.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/secret.h"
#include "services/vault/crypto/key_derivation.h"
#include "services/vault/identity/registration.h"
#include "storage/stores/user_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {
class Database;
}

namespace coffer::vault {

struct NewAccount {
  std::string email;
  std::optional<std::string> name;
  Secret password;
  KdfSettings kdf;
};

// What a client would send for this account. Throws UsageError for an address, name or KDF that
// cannot be used, and for an empty password. Takes as long as the KDF says.
Registration makeRegistration(const NewAccount& account);

// Durable when it returns. Throws UsageError also when the address is taken. The sign-up policy is
// for strangers and is not asked. `passwordIterations` as VaultOptions has them.
void addAccount(storage::Database& database, const Clock& clock, unsigned passwordIterations,
                const NewAccount& account);

// The address may make its account itself then, from wherever it comes, unless sign-up is closed to
// everybody. Throws UsageError for what is no address, and when it has an account.
void inviteAddress(storage::Database& database, const Clock& clock, std::string_view email);
// Throws UsageError when the address is not invited.
void withdrawInvitation(storage::Database& database, std::string_view email);

std::vector<storage::UserSummary> listAccounts(storage::Database& database);

// All of these throw UsageError when there is no such account.
// Ends every session of the account at once.
void disableAccount(storage::Database& database, const Clock& clock, std::string_view email);
void enableAccount(storage::Database& database, const Clock& clock, std::string_view email);
void deleteAccountForever(storage::Database& database, std::string_view email);

}  // namespace coffer::vault
