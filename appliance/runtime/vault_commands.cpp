// SPDX-License-Identifier: BSD-2-Clause
//
// Each command opens the vault's database beside a running server: SQLite's locks keep the writers
// apart, and storage/database/checkpoint_lock.h keeps this process from checkpointing under it. The
// server does not checkpoint meanwhile either, so the database is never open while a person is
// asked something.
#include "appliance/base/clock.h"
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/open_vault.h"
#include "appliance/runtime/password_prompt.h"
#include "appliance/runtime/process.h"
#include "services/vault/accounts/email.h"
#include "services/vault/json/writer.h"
#include "services/vault/provisioning/provisioning.h"
#include "services/vault/two_factor/second_factors.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <iostream>

namespace coffer::runtime {
namespace {

using storage::Transaction;
using storage::UserStore;
constexpr int kNotFound = 3;

std::string databaseFile(const config::Settings& settings) {
  becomeOwnerOf(settings.dataDir);
  tightenUmask(077);
  return vaultDatabase(settings);
}

// Throws UsageError with the exit code for what does not exist. Returns the address as it is
// stored.
std::string requireAccount(storage::Database& database, const std::string& email) {
  const std::string address = vault::normalizeEmail(email);
  const bool exists = database.read(
      [&](Transaction& tx) { return UserStore(tx).findByEmail(address).has_value(); });
  if (!exists) throw UsageError("there is no account \"" + address + "\"", kNotFound);
  return address;
}

std::string listAsJson(const std::vector<storage::UserSummary>& users) {
  std::string out;
  vault::json::Writer json(out);
  json.beginArray();
  for (const auto& user : users) {
    json.beginObject().field("id", user.id).field("email", user.email).field("name", user.name);
    json.field("disabled", user.disabled).field("items", user.ciphers);
    json.field("devices", user.devices).dateField("createdAt", user.createdAt);
    json.dateField("lastLoginAt", user.lastLoginAt).endObject();
  }
  json.endArray();
  return out + "\n";
}

std::string listAsText(const std::vector<storage::UserSummary>& users) {
  std::string out;
  for (const auto& user : users) {
    out += user.email + "\t" + (user.disabled ? "disabled" : "enabled") + "\t" +
           std::to_string(user.ciphers) + " items\t" + std::to_string(user.devices) +
           " devices\tlast login " +
           (user.lastLoginAt ? formatIsoDate(*user.lastLoginAt) : "never") + "\n";
  }
  return out;
}

bool confirm(const std::string& email) {
  std::cerr << "Delete " << email << " with everything in it? Type the address again: ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == email;
}

}  // namespace

int vaultUserAdd(const SettingsInput& input, const VaultUserOptions& options) {
  const config::Settings settings = loadSettings(input);
  const std::string file = databaseFile(settings);
  vault::NewAccount account;
  account.email = options.email;
  if (!options.name.empty()) account.name = options.name;
  if (options.kdf == "argon2id") account.kdf = vault::kDefaultArgon2id;
  account.password = readPassword(options.password, "Master password for " + options.email, true);
  storage::Database database(file);
  vault::addAccount(database, SystemClock(), settings.vault.passwordIterations, account);
  std::cerr << "added " << vault::normalizeEmail(options.email) << "\n";
  return 0;
}

int vaultUserInvite(const SettingsInput& input, const std::string& email) {
  const config::Settings settings = loadSettings(input);
  storage::Database database(databaseFile(settings));
  vault::inviteAddress(database, SystemClock(), email);
  std::cerr << "invited " << vault::normalizeEmail(email) << "\n";
  if (settings.vault.signups == config::VaultSignups::Closed) {
    std::cerr << "it cannot make an account as long as vault.signups is closed\n";
  }
  return 0;
}

int vaultUserUninvite(const SettingsInput& input, const std::string& email) {
  storage::Database database(databaseFile(loadSettings(input)));
  vault::withdrawInvitation(database, email);
  std::cerr << "took back the invitation of " << vault::normalizeEmail(email) << "\n";
  return 0;
}

int vaultUserList(const SettingsInput& input, bool json) {
  storage::Database database(databaseFile(loadSettings(input)));
  const auto users = vault::listAccounts(database);
  std::cout << (json ? listAsJson(users) : listAsText(users));
  return 0;
}

int vaultUserEnable(const SettingsInput& input, const std::string& email, bool enable) {
  storage::Database database(databaseFile(loadSettings(input)));
  const std::string address = requireAccount(database, email);
  if (enable) {
    vault::enableAccount(database, SystemClock(), address);
  } else {
    vault::disableAccount(database, SystemClock(), address);
  }
  std::cerr << (enable ? "enabled " : "disabled ") << address << "\n";
  return 0;
}

int vaultUserRemoveFactors(const SettingsInput& input, const std::string& email) {
  const config::Settings settings = loadSettings(input);
  databaseFile(settings);
  OpenVault vault(settings);
  const std::string address = requireAccount(vault.database, email);
  const auto& context = vault.service.context();
  vault.database.write([&](Transaction& tx) {
    const auto user = UserStore(tx).findByEmail(address);
    if (user) context.secondFactors.removeAll(tx, user->id, context.clock.now());
  });
  std::cerr << "removed every second factor of " << address << "\n";
  return 0;
}

int vaultUserDelete(const SettingsInput& input, const std::string& email, bool confirmed) {
  const std::string file = databaseFile(loadSettings(input));
  std::string address;
  {
    storage::Database database(file);
    address = requireAccount(database, email);
  }
  if (!confirmed && !confirm(address)) throw UsageError("nothing was deleted");
  storage::Database database(file);
  vault::deleteAccountForever(database, address);
  std::cerr << "deleted " << address << "\n";
  return 0;
}

}  // namespace coffer::runtime
