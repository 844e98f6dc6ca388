// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/email_change.h"

#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/accounts/account_updates.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/form_fields.h"
#include "services/vault/codes/one_time_codes.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/identity/registration.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/respond.h"
#include "storage/stores/device_store.h"

#include <nlohmann/json.hpp>

namespace coffer::vault {
namespace {

constexpr auto kPurpose = CodePurpose::EmailChange;
constexpr const char* kTaken = "Email already in use";

std::string readNewEmail(const VaultContext& context, const json::Object& form) {
  if (!context.options.emailChange) throw BadRequest("Email change is not allowed.");
  const auto email = parseEmail(form.requiredString("newEmail"));
  if (!email) form.fail("newEmail", "The NewEmail field is not a valid e-mail address.");
  if (context.options.signups == SignupPolicy::Domains &&
      !isDomainAllowed(context.options, *email)) {
    throw BadRequest("Email domain not allowed");
  }
  return *email;
}

// Some clients send the digits as a number, which has lost its leading zeros.
std::string readCode(const json::Object& form, std::size_t digits) {
  const auto* value = form.find("token");
  if (value == nullptr || !value->is_number_unsigned()) {
    return std::string(form.string("token").value_or(""));
  }
  const std::string text = std::to_string(value->get<std::uint64_t>());
  return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
}

Mail mailToOwner(const storage::User& acting, const storage::User& owner) {
  const auto kind =
      owner.password.hash.empty() ? MailKind::ChangeEmailInvited : MailKind::ChangeEmailExisting;
  return {kind, owner.email, {{"acting_address", acting.email}, {"existing_address", owner.email}}};
}

// Keeps a code for the address. Where somebody has the address the code is never sent, so that no
// second step succeeds and no first step differs.
void issueAndMail(const VaultContext& context, const storage::User& user,
                  const std::string& newEmail) {
  context.database.write([&](storage::Transaction& tx) {
    const auto code = OneTimeCodes(tx, context.options.codes, context.clock.now())
                          .issue(user.id, kPurpose, newEmail);
    const auto owner = storage::UserStore(tx).findByEmail(newEmail);
    if (!context.mailer.isEnabled()) {
      if (owner) throw BadRequest(kTaken);
      return;
    }
    context.mailer.enqueue(
        tx, context.mailer.render(owner ? mailToOwner(user, *owner)
                                        : Mail{MailKind::ChangeEmail, newEmail, {{"code", code}}}));
  });
  if (context.mailer.isEnabled()) context.mailer.sendSoon();
}

struct NewAddress {
  std::string email;
  std::string code;
  storage::PasswordChange credentials;
};

// False, with the try counted, when the code is wrong. Throws BadRequest for what is no try.
bool useCode(const VaultContext& context, storage::Transaction& tx, const std::string& userId,
             const NewAddress& next) {
  OneTimeCodes codes(tx, context.options.codes, context.clock.now());
  const auto pending = codes.data(userId, kPurpose);
  if (!pending) throw BadRequest("No email change pending");
  if (*pending != next.email) throw BadRequest("Email change mismatch");
  if (context.mailer.isEnabled()) {
    return codes.check(userId, kPurpose, next.code) == CodeCheck::Right;
  }
  codes.discard(userId, kPurpose);
  return true;
}

void moveAccount(const VaultContext& context, storage::Transaction& tx, const std::string& userId,
                 const NewAddress& next) {
  storage::UserStore users(tx);
  const UnixMicros now = context.clock.now();
  std::optional<UnixMicros> verifiedAt;
  if (context.mailer.isEnabled()) verifiedAt = now;
  storage::DeviceStore(tx).forgetTokens(userId);
  try {
    if (!users.setEmail(userId, next.email, verifiedAt, now) ||
        !users.setPassword(userId, next.credentials, now)) {
      throw Unauthorized("Unauthorized.", "the account is gone");
    }
  } catch (const Conflict&) {
    throw BadRequest(kTaken);
  }
}

}  // namespace

http::Response beginEmailChange(const VaultContext& context, http::Request& request) {
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const auto newEmail = readNewEmail(context, form);
  const auto user = requirePassword(context, request.attached<Session>(),
                                    form.requiredString("masterPasswordHash"));
  if (newEmail == user.email) throw BadRequest(kTaken);
  context.throttle.chargeAnonymous(request.clientAddress());
  issueAndMail(context, user, newEmail);
  return done();
}

http::Response finishEmailChange(const VaultContext& context, http::Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  NewAddress next;
  next.email = readNewEmail(context, form);
  next.code = readCode(form, context.options.codes.digits);
  const auto newHash = readPasswordHash(form, "newMasterPasswordHash");
  next.credentials.userKey = readSealed(form, "key");
  const auto user = requirePassword(context, session, form.requiredString("masterPasswordHash"));
  next.credentials.password = context.passwords.make(newHash);
  next.credentials.kdf = user.kdf;
  next.credentials.securityStamp = randomUuid();

  bool isRight = false;
  const auto moved =
      changeCheckedUser(context, user, [&](storage::UserStore&, storage::Transaction& tx) {
        isRight = useCode(context, tx, user.id, next);
        if (isRight) moveAccount(context, tx, user.id, next);
        return true;
      });
  if (!isRight) throw BadRequest("Token mismatch");
  log::info("vault", "address changed", {{"from", user.email}, {"to", moved.email}});
  tellOfLogOut(context, moved, "");
  return done();
}

}  // namespace coffer::vault
