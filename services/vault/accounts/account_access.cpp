// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/account_access.h"

#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/codes/one_time_codes.h"
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

enum class CodeUse { Final, Keep };

bool isCodeRight(const VaultContext& context, const Session& session, std::string_view code,
                 CodeUse use) {
  context.throttle.chargeDevice(session.userId, session.deviceIdentifier);
  const auto outcome = context.database.write([&](storage::Transaction& tx) {
    OneTimeCodes codes(tx, context.options.codes, context.clock.now());
    constexpr auto purpose = CodePurpose::ProtectedAction;
    return use == CodeUse::Final ? codes.check(session.userId, purpose, code)
                                 : codes.checkAndKeep(session.userId, purpose, code);
  });
  if (outcome == CodeCheck::Right) {
    context.throttle.refundDevice(session.userId, session.deviceIdentifier);
    return true;
  }
  log::warning("vault", "wrong code in a session", {{"email", session.email}});
  return false;
}

// Present and not empty: clients send "" for what they have not asked for.
std::string_view memberOf(const json::Object& form, std::string_view name) {
  return form.string(name).value_or("");
}

bool isSecretRight(const VaultContext& context, const Session& session, const storage::User& user,
                   const json::Object& form, CodeUse use) {
  const auto hash = memberOf(form, "masterPasswordHash");
  if (!hash.empty()) return isPasswordRight(context, session, user, hash);
  const auto code = memberOf(form, "otp");
  return !code.empty() && isCodeRight(context, session, code, use);
}

storage::User checkSecret(const VaultContext& context, const Session& session,
                          const json::Object& form, CodeUse use) {
  auto user = loadUser(context, session);
  if (!isSecretRight(context, session, user, form, use)) {
    throw json::ModelError("", "User verification failed.");
  }
  return user;
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
  return checkSecret(context, session, form, CodeUse::Final);
}

storage::User requireSecretKeeping(const VaultContext& context, const Session& session,
                                   const json::Object& form) {
  return checkSecret(context, session, form, CodeUse::Keep);
}

bool isProtectedActionCode(const VaultContext& context, const Session& session,
                           std::string_view code) {
  return isCodeRight(context, session, code, CodeUse::Final);
}

}  // namespace coffer::vault
