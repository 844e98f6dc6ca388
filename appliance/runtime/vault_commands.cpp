// SPDX-License-Identifier: BSD-2-Clause
//
// Each command opens the vault's database beside a running server: SQLite's locks keep the writers
// apart, and storage/database/checkpoint_lock.h keeps this process from checkpointing under it.
#include "appliance/base/clock.h"
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/process.h"
#include "services/vault/accounts/email.h"
#include "services/vault/json/writer.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <iostream>

namespace coffer::runtime {
namespace {

using storage::Transaction;
using storage::UserStore;
constexpr int kNotFound = 3;

std::string databaseFile(const SettingsInput& input) {
  const config::Settings settings = loadSettings(input);
  becomeOwnerOf(settings.dataDir);
  return vaultDatabase(settings);
}

UsageError noSuchAccount(const std::string& email) {
  return UsageError("there is no account \"" + email + "\"", kNotFound);
}

// Throws UsageError.
std::string idOf(Transaction& tx, const std::string& email) {
  const auto user = UserStore(tx).findByEmail(email);
  if (!user) throw noSuchAccount(email);
  return user->id;
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

int vaultUserList(const SettingsInput& input, bool json) {
  storage::Database database(databaseFile(input));
  const auto users = database.read([](Transaction& tx) { return UserStore(tx).list(); });
  std::cout << (json ? listAsJson(users) : listAsText(users));
  return 0;
}

int vaultUserEnable(const SettingsInput& input, const std::string& email, bool enable) {
  storage::Database database(databaseFile(input));
  const std::string address = vault::normalizeEmail(email);
  database.write([&](Transaction& tx) {
    const std::string id = idOf(tx, address);
    if (!UserStore(tx).setEnabled(id, enable, SystemClock().now())) throw noSuchAccount(address);
  });
  std::cerr << (enable ? "enabled " : "disabled ") << address << "\n";
  return 0;
}

int vaultUserDelete(const SettingsInput& input, const std::string& email, bool confirmed) {
  storage::Database database(databaseFile(input));
  const std::string address = vault::normalizeEmail(email);
  database.read([&](Transaction& tx) { return idOf(tx, address); });
  if (!confirmed && !confirm(address)) throw UsageError("nothing was deleted");
  database.write([&](Transaction& tx) {
    if (!UserStore(tx).remove(idOf(tx, address))) throw noSuchAccount(address);
  });
  std::cerr << "deleted " << address << "\n";
  return 0;
}

}  // namespace coffer::runtime
