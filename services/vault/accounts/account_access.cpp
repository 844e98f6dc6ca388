// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/account_access.h"

#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/identity/password_hasher.h"

namespace coffer::vault {
namespace {

// A stolen session must not become a way to guess the password: every attempt is charged before it
// is looked at.
bool isPasswordRight(const VaultContext& context, const Session& session, const storage::User& user,
                     std::string_view clientHash) {
  context.throttle.chargeDevice(session.userId, session.deviceIdentifier);
  if (clientHash.size() <= kMaxPasswordHashLength &&
      context.passwords.matches(clientHash, user.password)) {
    context.throttle.refundDevice(session.userId, session.deviceIdentifier);
    return true;
  }
  log::warning("vault", "wrong password in a session", {{"email", user.email}});
  return false;
}

void rehashIfOutdated(const VaultContext& context, const storage::User& user,
                      std::string_view clientHash) {
  if (!context.passwords.isOutdated(user.password)) return;
  const auto verifier = context.passwords.make(clientHash);
  context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    const auto current = users.findById(user.id);
    return current && current->securityStamp == user.securityStamp &&
           users.rehash(user.id, verifier);
  });
}

}  // namespace

storage::User loadUser(const VaultContext& context, const Session& session) {
  auto user = context.database.read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findById(session.userId); });
  if (!user) throw Unauthorized("Unauthorized.", "the account is gone");
  return std::move(*user);
}

storage::User requirePassword(const VaultContext& context, const Session& session,
                              std::string_view clientHash) {
  auto user = loadUser(context, session);
  if (!isPasswordRight(context, session, user, clientHash)) throw BadRequest("Invalid password.");
  rehashIfOutdated(context, user, clientHash);
  return user;
}

storage::User requireSecret(const VaultContext& context, const Session& session,
                            const json::Object& form) {
  auto user = loadUser(context, session);
  const auto hash = form.string("masterPasswordHash").value_or("");
  if (hash.empty() || !isPasswordRight(context, session, user, hash)) {
    throw json::ModelError("", "User verification failed.");
  }
  return user;
}

}  // namespace coffer::vault
