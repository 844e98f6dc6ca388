// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/registration.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/accounts/email.h"
#include "services/vault/emergency_access/emergency_rules.h"
#include "services/vault/emergency_access/invite_token.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/json/writer.h"
#include "storage/database/database.h"
#include "storage/stores/emergency_access_store.h"
#include "storage/stores/invitation_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

constexpr UnixMicros kRegistrationTokenLifetime = 30 * kMinute;

std::string readEmail(const json::Object& form) {
  const auto email = parseEmail(form.requiredString("email"));
  if (!email) form.fail("email", "The Email field is not a valid e-mail address.");
  return *email;
}

bool mayComplete(const std::optional<storage::User>& user) {
  return user && user->password.hash.empty() && !user->disabled;
}

// Somebody here asked this address in.
bool isInvited(storage::Transaction& tx, std::string_view email) {
  return storage::InvitationStore(tx).has(email) ||
         mayComplete(storage::UserStore(tx).findByEmail(email));
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
                      users.setUserKeyId(id, made.userKeyId, now) &&
                      (!made.emailVerifiedAt || users.setEmailVerified(id, now));
  if (!isDone) throw BadRequest(kRegistrationRefused);
}

void readVerificationToken(const json::Object& form, const VaultContext& context,
                           Registration& registration) {
  const auto token = form.string("emailVerificationToken");
  if (!token || token->empty()) throw BadRequest("Registration is missing required parameters");
  const auto claims = openRegistrationToken(context, *token);
  if (!claims) throw BadRequest("Email verification token is invalid or has expired");
  if (claims->object().string("sub") != registration.email) {
    throw BadRequest("Email verification token does not match email");
  }
  registration.name = readText(claims->object(), "name", kMaxNameLength);
  registration.isEmailVerified = claims->object().boolean("verified").value_or(false);
}

// It may have been taken back since its token was mailed.
bool isOpenInvitation(storage::Transaction& tx, const VaultOptions& options,
                      const Registration& registration) {
  if (!registration.emergencyAccessId || options.signups == SignupPolicy::Closed) return false;
  const auto access = storage::EmergencyAccessStore(tx).find(*registration.emergencyAccessId);
  return access && access->status == storage::EmergencyStatus::Invited &&
         access->email == registration.email;
}

// The invitation was mailed to this address, which proves it.
void readEmergencyToken(const json::Object& form, const VaultContext& context,
                        Registration& registration) {
  requireEmergencyAccess(context);
  const auto invite = readEmergencyInvite(
      context.tokens, form.requiredString("acceptEmergencyAccessInviteToken"), context.clock.now());
  if (!invite || form.uuid("acceptEmergencyAccessId") != invite->emergencyAccessId) {
    throw BadRequest("The invitation is invalid or has expired");
  }
  if (invite->email != registration.email) throw BadRequest("Claim email does not match email");
  registration.name = readText(form, "name", kMaxNameLength);
  registration.isEmailVerified = true;
  registration.emergencyAccessId = invite->emergencyAccessId;
}

}  // namespace

Registration readOldRegistration(const json::Object& form, const VaultOptions& options) {
  Registration registration;
  registration.email = readEmail(form);
  registration.name = readText(form, "name", kMaxNameLength);
  registration.hint = readHint(form, options.passwordHints);
  registration.credentials = readLooseCredentials(form, "key", options.minimumClientIterations);
  registration.keys = readKeysUnder(form, "keys");
  return registration;
}

Registration readFinishedRegistration(const json::Object& form, const VaultContext& context) {
  const VaultOptions& options = context.options;
  Registration registration;
  registration.email = readEmail(form);
  if (!form.string("acceptEmergencyAccessInviteToken").value_or("").empty()) {
    readEmergencyToken(form, context, registration);
  } else {
    readVerificationToken(form, context, registration);
  }

  registration.hint = readHint(form, options.passwordHints);
  const auto minimum = options.minimumClientIterations;
  auto credentials = readCredentials(form, kRegistrationNames, {registration.email, minimum, {}});
  registration.credentials = credentials ? std::move(*credentials)
                                         : readLooseCredentials(form, "userSymmetricKey", minimum);
  registration.keys = readKeysUnder(form, "userAsymmetricKeys");
  if (!registration.keys) throw BadRequest("Registration is missing required parameters");
  return registration;
}

std::string signRegistrationToken(const VaultContext& context, std::string_view origin,
                                  const RegistrationStart& start) {
  std::string members;
  json::Writer writer(members);
  writer.field("sub", start.email).field("name", start.name).field("verified", start.isMailed);
  return context.tokens.sign(
      {kRegistrationPurpose, origin, context.clock.now(), kRegistrationTokenLifetime}, members);
}

bool isDomainAllowed(const VaultOptions& options, std::string_view email) {
  return std::any_of(
      options.signupDomains.begin(), options.signupDomains.end(),
      [&](const std::string& domain) { return equalsIgnoringCase(domain, domainOf(email)); });
}

bool isRegistrationTokenFor(const VaultContext& context, std::string_view token,
                            std::string_view email) {
  const auto claims = openRegistrationToken(context, token);
  return claims && claims->object().string("sub") == email;
}

bool mayRegister(storage::Transaction& tx, const VaultOptions& options, std::string_view email) {
  switch (options.signups) {
    case SignupPolicy::Closed:
      return false;
    case SignupPolicy::First:
      return storage::UserStore(tx).count() == 0 || isInvited(tx, email);
    case SignupPolicy::Invited:
      return isInvited(tx, email);
    case SignupPolicy::Domains:
      return isDomainAllowed(options, email) || isInvited(tx, email);
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
  if (registration.isEmailVerified) user.emailVerifiedAt = now;
  user.createdAt = now;
  user.revisedAt = now;
  return user;
}

storage::User registerAccount(const VaultContext& context, const Registration& registration) {
  const auto isAllowed = [&](storage::Transaction& tx) {
    return isOpenInvitation(tx, context.options, registration) ||
           mayRegister(tx, context.options, registration.email);
  };
  // Who may not register at all costs no hashing, and learns no more than the first step of a
  // registration tells.
  if (!context.database.read(isAllowed)) throw BadRequest(kRegistrationRefused);
  // Hashed before anybody looks whether the address is taken, so that the time does not tell.
  const storage::User made =
      newUser(registration, context.passwords.make(registration.credentials.passwordHash),
              context.clock.now());
  auto user = context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    const auto existing = users.findByEmail(made.email);
    if (!isAllowed(tx) || (existing && !mayComplete(existing))) {
      throw BadRequest(kRegistrationRefused);
    }
    if (existing) {
      completeInvited(users, existing->id, made);
    } else {
      users.insert(made);
    }
    storage::InvitationStore(tx).remove(made.email);
    auto registered = users.findByEmail(made.email);
    acceptOpenInvitations(context, tx, *registered, made.createdAt);
    return registered;
  });
  log::info("vault", "account made", {{"email", made.email}});
  return std::move(*user);
}

}  // namespace coffer::vault
