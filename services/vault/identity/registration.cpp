// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/registration.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/email.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/json/writer.h"
#include "storage/database/database.h"

#include <algorithm>

namespace coffer::vault {
namespace {

constexpr UnixMicros kRegistrationTokenLifetime = 30 * kMinute;

std::string readEmail(const json::Object& form) {
  const auto email = parseEmail(form.requiredString("email"));
  if (!email) form.fail("email", "The Email field is not a valid e-mail address.");
  return *email;
}

Credentials readLooseCredentials(const json::Object& form, std::string_view keyName,
                                 const VaultOptions& options) {
  Credentials credentials;
  credentials.passwordHash = readPasswordHash(form, "masterPasswordHash");
  credentials.kdf = readFlatKdf(form, options.minimumClientIterations);
  credentials.userKey = readSealed(form, keyName);
  return credentials;
}

// Neither of the two forms names the pair's object as the others do.
std::optional<storage::AccountKeys> readKeysUnder(const json::Object& form, std::string_view name) {
  if (!form.isNull("accountKeys")) return readKeyPair(form);
  const auto keys = form.object(name);
  if (!keys) return std::nullopt;
  return readKeyPair(*keys);
}

bool isInvited(const std::optional<storage::User>& user) {
  return user && user->password.hash.empty() && !user->disabled;
}

bool isDomainAllowed(const VaultOptions& options, std::string_view email) {
  return std::any_of(
      options.signupDomains.begin(), options.signupDomains.end(),
      [&](const std::string& domain) { return equalsIgnoringCase(domain, domainOf(email)); });
}

std::optional<json::Document> openRegistrationToken(const VaultContext& context,
                                                    std::string_view token) {
  return context.tokens.verify(token, kRegistrationPurpose, context.clock.now());
}

void completeInvited(storage::UserStore& users, const std::string& id, const storage::User& made) {
  const storage::PasswordChange change{made.password, made.kdf, made.userKey, made.securityStamp,
                                       0};
  const UnixMicros now = made.createdAt;
  const bool isDone = users.setPassword(id, change, now) && users.setName(id, made.name, now) &&
                      users.setPasswordHint(id, made.passwordHint, now) &&
                      users.setKeys(id, made.keys, now) &&
                      users.setUserKeyId(id, made.userKeyId, now);
  if (!isDone) throw BadRequest(kRegistrationRefused);
}

}  // namespace

Registration readOldRegistration(const json::Object& form, const VaultOptions& options) {
  Registration registration;
  registration.email = readEmail(form);
  registration.name = readText(form, "name", kMaxNameLength);
  registration.hint = readHint(form, options.passwordHints);
  registration.credentials = readLooseCredentials(form, "key", options);
  registration.keys = readKeysUnder(form, "keys");
  return registration;
}

Registration readFinishedRegistration(const json::Object& form, const VaultContext& context) {
  const VaultOptions& options = context.options;
  Registration registration;
  registration.email = readEmail(form);
  const auto token = form.string("emailVerificationToken");
  if (!token || token->empty()) throw BadRequest("Registration is missing required parameters");
  const auto claims = openRegistrationToken(context, *token);
  if (!claims) throw BadRequest("Email verification token is invalid or has expired");
  if (claims->object().string("sub") != registration.email) {
    throw BadRequest("Email verification token does not match email");
  }

  registration.name = readText(claims->object(), "name", kMaxNameLength);
  registration.hint = readHint(form, options.passwordHints);
  auto credentials = readCredentials(form, kRegistrationNames,
                                     {registration.email, options.minimumClientIterations, {}});
  registration.credentials = credentials ? std::move(*credentials)
                                         : readLooseCredentials(form, "userSymmetricKey", options);
  registration.keys = readKeysUnder(form, "userAsymmetricKeys");
  if (!registration.keys) throw BadRequest("Registration is missing required parameters");
  return registration;
}

std::string signRegistrationToken(const VaultContext& context, std::string_view origin,
                                  std::string_view email, const std::optional<std::string>& name) {
  std::string members;
  json::Writer writer(members);
  writer.field("sub", email).field("name", name).field("verified", false);
  return context.tokens.sign(
      {kRegistrationPurpose, origin, context.clock.now(), kRegistrationTokenLifetime}, members);
}

bool isRegistrationTokenFor(const VaultContext& context, std::string_view token,
                            std::string_view email) {
  const auto claims = openRegistrationToken(context, token);
  return claims && claims->object().string("sub") == email;
}

bool mayRegister(storage::Transaction& tx, const VaultOptions& options, std::string_view email) {
  storage::UserStore users(tx);
  switch (options.signups) {
    case SignupPolicy::Closed:
      return false;
    case SignupPolicy::First:
      return users.count() == 0;
    case SignupPolicy::Invited:
      return isInvited(users.findByEmail(email));
    case SignupPolicy::Domains:
      return isDomainAllowed(options, email) || isInvited(users.findByEmail(email));
    case SignupPolicy::Open:
      return true;
  }
  return false;
}

storage::User newUser(const Registration& registration, storage::PasswordVerifier verifier,
                      UnixMicros now) {
  storage::User user;
  user.id = randomUuid();
  user.email = registration.email;
  user.name = registration.name;
  user.password = std::move(verifier);
  user.kdf = registration.credentials.kdf;
  user.userKey = registration.credentials.userKey;
  user.userKeyId = registration.credentials.containedKeyId;
  user.keys = registration.keys.value_or(storage::AccountKeys{});
  user.passwordHint = registration.hint;
  user.securityStamp = randomUuid();
  user.createdAt = now;
  user.revisedAt = now;
  return user;
}

void registerAccount(const VaultContext& context, const Registration& registration) {
  // Who may not register at all costs no hashing, and learns no more than the first step of a
  // registration tells.
  if (!context.database.read([&](storage::Transaction& tx) {
        return mayRegister(tx, context.options, registration.email);
      })) {
    throw BadRequest(kRegistrationRefused);
  }
  // Hashed before anybody looks whether the address is taken, so that the time does not tell.
  const storage::User user =
      newUser(registration, context.passwords.make(registration.credentials.passwordHash),
              context.clock.now());
  context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    const auto existing = users.findByEmail(user.email);
    if (!mayRegister(tx, context.options, user.email) || (existing && !isInvited(existing))) {
      throw BadRequest(kRegistrationRefused);
    }
    if (existing) {
      completeInvited(users, existing->id, user);
    } else {
      users.insert(user);
    }
  });
  log::info("vault", "account made", {{"email", user.email}});
}

}  // namespace coffer::vault
