// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/new_device.h"

#include "appliance/base/log.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/codes/one_time_codes.h"
#include "services/vault/devices/device_types.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/respond.h"
#include "services/vault/two_factor/anonymous_proof.h"
#include "services/vault/two_factor/second_factors.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

constexpr UnixMicros kTrustedAge = kDay;  // Of an account whose owner may have no mail at hand yet.
constexpr UnixMicros kMailEvery = 30 * kSecond;

[[noreturn]] void refuse(const char* message) {
  throw IdentityError("device_error", "New device verification required", message);
}

bool isAsked(const VaultContext& context, const storage::User& user) {
  if (!context.mailer.isEnabled() || !context.options.newDeviceVerification ||
      !user.verifyDevices || !user.lastLoginAt ||
      context.clock.now() - user.createdAt < kTrustedAge) {
    return false;
  }
  return context.database.read(
      [&](storage::Transaction& tx) { return !context.secondFactors.isEnabledFor(tx, user.id); });
}

// A client asks again and again while its owner waits for the mail: one mail is enough.
void mailCode(const VaultContext& context, const http::Request& request, const storage::User& user,
              const std::string& deviceName) {
  const UnixMicros now = context.clock.now();
  context.database.write([&](storage::Transaction& tx) {
    OneTimeCodes codes(tx, context.options.codes, now);
    const auto sentAt = codes.sentAt(user.id, CodePurpose::NewDevice);
    if (sentAt && now - *sentAt < kMailEvery) return;
    const auto code = codes.issue(user.id, CodePurpose::NewDevice);
    context.mailer.enqueue(
        tx, context.mailer.render(
                {MailKind::NewDeviceCode,
                 user.email,
                 {{"code", code}, {"ip", request.clientAddress()}, {"device_name", deviceName}}}));
  });
  context.mailer.sendSoon();
}

// The right code has shown as well that mail to the address is read.
bool isCodeRight(const VaultContext& context, const storage::User& user, std::string_view code) {
  const UnixMicros now = context.clock.now();
  return context.database.write([&](storage::Transaction& tx) {
    OneTimeCodes codes(tx, context.options.codes, now);
    return codes.check(user.id, CodePurpose::NewDevice, code) == CodeCheck::Right &&
           (user.emailVerifiedAt || storage::UserStore(tx).setEmailVerified(user.id, now));
  });
}

}  // namespace

void requireKnownDevice(const VaultContext& context, const http::Request& request,
                        const TokenForm& form, const LoginAttempt& attempt,
                        const DeviceClaim& device) {
  const storage::User& user = *attempt.user;
  if (attempt.isDeviceKnown || !isAsked(context, user)) return;
  const auto& code = form.get("newDeviceOtp");
  if (code.empty()) {
    mailCode(context, request, user, device.name);
    refuse("new device verification required");
  }
  // It is guessed by somebody who has the password, as a second factor is.
  context.throttle.chargeFactor(user.id, "");
  if (isCodeRight(context, user, code)) {
    context.throttle.refundFactor(user.id, "");
    return;
  }
  log::error("vault", "Invalid new device code. IP: " + request.clientAddress() +
                          ". Username: " + user.email + ".");
  refuse("invalid new device otp");
}

std::optional<RenderedMail> newDeviceMail(const VaultContext& context, const http::Request& request,
                                          const storage::User& user, const DeviceClaim& device) {
  if (!context.mailer.isEnabled() || !context.options.newDeviceMail) return std::nullopt;
  const bool isNews = user.lastLoginAt && context.database.read([&](storage::Transaction& tx) {
    return !storage::DeviceStore(tx).isKnown(user.id, device.identifier);
  });
  if (!isNews) return std::nullopt;
  return context.mailer.render({MailKind::NewDeviceLoggedIn,
                                user.email,
                                {{"ip", request.clientAddress()},
                                 {"device_name", device.name},
                                 {"device_type", std::string(deviceTypeName(device.type))},
                                 {"datetime", formatHttpDate(context.clock.now())}}});
}

http::Response resendNewDeviceCode(const VaultContext& context, http::Request& request) {
  const auto document = json::Document::parse(request.body());
  try {
    const auto attempt = requirePasswordOf(context, request, document.object());
    if (isAsked(context, *attempt.user)) mailCode(context, request, *attempt.user, "");
  } catch (const BadRequest&) {
    // Whether the address or the password is wrong is nobody's business here.
  }
  return done();
}

}  // namespace coffer::vault
