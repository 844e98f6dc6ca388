// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/provisioning/provisioning.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/crypto/rsa_key.h"
#include "services/vault/crypto/sealing.h"
#include "services/vault/identity/password_hasher.h"
#include "storage/database/database.h"
#include "storage/stores/device_store.h"
#include "storage/stores/invitation_store.h"

namespace coffer::vault {
namespace {

constexpr std::size_t kUserKeyBytes = 64;
// Below it the present clients warn; the command line has no reason to go there.
constexpr std::uint32_t kMinimumPbkdf2 = 600'000;

storage::AccountKeys makeKeyPair(const Secret& userKey) {
  const RsaKey pair = RsaKey::generate();
  const Secret privateKey(pair.privateKeyDer());
  storage::AccountKeys keys;
  keys.publicKey = toBase64(pair.publicKeyDer());
  keys.privateKey = seal(privateKey.reveal(), userKey.reveal());
  return keys;
}

storage::User findAccount(storage::UserStore& users, std::string_view email) {
  auto user = users.findByEmail(normalizeEmail(email));
  if (!user) throw UsageError("no account has the address " + normalizeEmail(email));
  return std::move(*user);
}

}  // namespace

Registration makeRegistration(const NewAccount& account) {
  const auto email = parseEmail(account.email);
  if (!email) throw UsageError("not an e-mail address: " + account.email);
  if (account.name && (!isUtf8(*account.name) || countCharacters(*account.name) > kMaxNameLength)) {
    throw UsageError("a name is text of at most " + std::to_string(kMaxNameLength) + " characters");
  }
  if (account.password.empty()) throw UsageError("the master password is empty");
  if (const auto problem = findKdfProblem(account.kdf, kMinimumPbkdf2)) throw UsageError(*problem);

  const std::string& password = account.password.reveal();
  const Secret masterKey(deriveMasterKey(password, *email, account.kdf));
  const Secret stretched(stretchMasterKey(masterKey.reveal()));
  const Secret userKey(randomBytes(kUserKeyBytes));

  Registration registration;
  registration.email = *email;
  registration.name = account.name;
  registration.credentials.passwordHash = masterPasswordHash(masterKey.reveal(), password);
  registration.credentials.kdf = {static_cast<int>(account.kdf.type), account.kdf.iterations,
                                  account.kdf.memoryMiB, account.kdf.parallelism};
  registration.credentials.userKey = seal(userKey.reveal(), stretched.reveal());
  registration.keys = makeKeyPair(userKey);
  // Whoever has the box vouches for the address.
  registration.isEmailVerified = true;
  return registration;
}

void addAccount(storage::Database& database, const Clock& clock, unsigned passwordIterations,
                const NewAccount& account) {
  const Registration registration = makeRegistration(account);
  const PasswordHasher hasher(passwordIterations);
  const auto user =
      newUser(registration, hasher.make(registration.credentials.passwordHash), clock.now());
  try {
    database.write([&](storage::Transaction& tx) { storage::UserStore(tx).insert(user); });
  } catch (const Conflict&) {
    throw UsageError("an account with the address " + user.email + " exists already");
  }
}

void inviteAddress(storage::Database& database, const Clock& clock, std::string_view email) {
  const auto address = parseEmail(email);
  if (!address) throw UsageError("not an e-mail address: " + std::string(email));
  database.write([&](storage::Transaction& tx) {
    const auto user = storage::UserStore(tx).findByEmail(*address);
    if (user && !user->password.hash.empty()) {
      throw UsageError("an account with the address " + *address + " exists already");
    }
    storage::InvitationStore(tx).add(*address, std::nullopt, clock.now());
  });
}

void withdrawInvitation(storage::Database& database, std::string_view email) {
  const std::string address = normalizeEmail(email);
  const bool wasInvited = database.write(
      [&](storage::Transaction& tx) { return storage::InvitationStore(tx).remove(address); });
  if (!wasInvited) throw UsageError("nobody has invited " + address);
}

std::vector<storage::UserSummary> listAccounts(storage::Database& database) {
  return database.read([](storage::Transaction& tx) { return storage::UserStore(tx).list(); });
}

void disableAccount(storage::Database& database, const Clock& clock, std::string_view email) {
  database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    const auto user = findAccount(users, email);
    storage::DeviceStore(tx).removeAll(user.id);
    return users.setSecurityStamp(user.id, randomUuid(), 0, clock.now()) &&
           users.setEnabled(user.id, false, clock.now());
  });
}

void enableAccount(storage::Database& database, const Clock& clock, std::string_view email) {
  database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    return users.setEnabled(findAccount(users, email).id, true, clock.now());
  });
}

void deleteAccountForever(storage::Database& database, std::string_view email) {
  database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    return users.remove(findAccount(users, email).id);
  });
}

}  // namespace coffer::vault
