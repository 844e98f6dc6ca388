// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/grant_steps.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/log.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "services/vault/accounts/email.h"
#include "services/vault/accounts/email_verification.h"
#include "services/vault/devices/device_types.h"
#include "services/vault/identity/identity_error.h"
#include "services/vault/identity/new_device.h"
#include "services/vault/identity/password_hasher.h"
#include "services/vault/identity/stand_in.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/mail/news_mail.h"
#include "services/vault/notifications/push_relay.h"
#include "services/vault/two_factor/incomplete_logins.h"
#include "services/vault/two_factor/remembered_devices.h"
#include "services/vault/two_factor/second_factors.h"
#include "storage/database/database.h"

#include <algorithm>
#include <functional>
#include <sstream>

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxIdentifierLength = 64;  // Of a device or client.
constexpr std::size_t kMaxUsernameLength = 256;
constexpr std::size_t kMaxDeviceNameLength = 255;
constexpr std::size_t kRefreshTokenBytes = 64;
constexpr UnixMicros kRefreshIdle = 30 * kDay;
constexpr UnixMicros kMobileRefreshIdle = 90 * kDay;
// A session is prolonged at most this often: each time costs a flush of the disk.
constexpr UnixMicros kProlongEvery = kHour;

constexpr std::string_view kUserClientPrefix = "user.";

UnixMicros refreshExpiry(int deviceType, UnixMicros now) {
  return now + (isMobile(deviceType) ? kMobileRefreshIdle : kRefreshIdle);
}

std::vector<std::string> wordsOf(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  std::sort(words.begin(), words.end());
  return words;
}

[[noreturn]] void refuseForm(const std::string& message) {
  throw IdentityError("invalid_request", message, message);
}

std::string addressPart(const http::Request& request) {
  return " IP: " + request.clientAddress() + ".";
}

// The name is whatever somebody sent, in lower case: it cannot look like " IP: 192.0.2.1", for
// which log filters search, and have another address banned.
std::string whoPart(const http::Request& request, const std::string& name) {
  return addressPart(request) + " Username: " + name + ".";
}

[[noreturn]] void refuseCredentials(const http::Request& request, const std::string& email) {
  const std::string message = "Username or password is incorrect. Try again.";
  log::error("vault", message + whoPart(request, email));
  throw IdentityError("invalid_grant", "invalid_username_or_password", message);
}

[[noreturn]] void refuseApiKey(const std::string& logLine) {
  log::error("vault", logLine);
  throw IdentityError("invalid_client", "invalid_client",
                      "client_id or client_secret is incorrect.");
}

[[noreturn]] void refuseRefresh(const http::Request& request, const char* reason) {
  log::error("vault", "Unable to refresh login credentials: " + std::string(reason),
             {{"address", request.clientAddress()}});
  throw IdentityError("invalid_grant", "", "");
}

storage::DeviceLogin deviceLogin(const std::string& userId, const DeviceClaim& device,
                                 UnixMicros now) {
  return {userId, device.identifier, device.type, device.name, now};
}

// The account as it is now, when what was checked still stands.
std::optional<storage::User> findUnchanged(storage::UserStore& users,
                                           const storage::User& checked) {
  auto user = users.findById(checked.id);
  if (!user || user->disabled || user->securityStamp != checked.securityStamp) return std::nullopt;
  return user;
}

// Makes the device known and gives it a refresh token, unless what was checked no longer stands.
Login recordLogin(const VaultContext& context, const storage::User& checked,
                  const DeviceClaim& device, const FactorOutcome& factor,
                  const std::optional<storage::PasswordVerifier>& rehashed,
                  const std::optional<RenderedMail>& news,
                  const std::function<bool(storage::Transaction&, UnixMicros)>& stillHolds = {}) {
  const std::string refreshToken = toBase64Url(randomBytes(kRefreshTokenBytes));
  std::optional<std::string> rememberToken;
  if (factor.shallRemember) rememberToken = makeRememberToken();
  const UnixMicros now = context.clock.now();

  auto user = context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    storage::DeviceStore devices(tx);
    auto current = findUnchanged(users, checked);
    if (!current || (stillHolds && !stillHolds(tx, now))) return std::optional<storage::User>();
    if (devices.recordLogin(deviceLogin(current->id, device, now)) && news) {
      enqueueIfTaken(context.mailer, tx, *news);
    }
    const bool isDone = devices.rotateRefresh(current->id, device.identifier, sha256(refreshToken),
                                              refreshExpiry(device.type, now), now) &&
                        users.recordLogin(current->id, now) &&
                        (!rehashed || users.rehash(current->id, *rehashed));
    if (!isDone) throw Fault(FaultKind::Internal, "Internal Server Error", "login not recorded");
    if (rememberToken) {
      rememberDevice(tx, current->id, device.identifier, *rememberToken, now);
    }
    if (factor.wasAsked) forgetIncompleteLogin(tx, current->id, device.identifier);
    return current;
  });
  if (!user) {
    throw IdentityError("invalid_grant", "invalid_username_or_password",
                        "Username or password is incorrect. Try again.");
  }
  if (news) context.mailer.sendSoon();
  context.push.registerDevice(user->id, device.identifier);  // If it is a phone with a push token.
  return {std::move(*user), device, {"api", "offline_access"}, refreshToken, rememberToken};
}

}  // namespace

void requireFields(const TokenForm& form, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (form.get(name).empty()) refuseForm(std::string(name) + " cannot be blank");
  }
}

void requireScope(const TokenForm& form, std::string_view scope) {
  if (wordsOf(form.get("scope")) != wordsOf(std::string(scope))) {
    throw IdentityError("invalid_scope", "invalid_scope", "Scope not supported");
  }
}

DeviceClaim readDevice(const TokenForm& form) {
  DeviceClaim device{form.get("deviceIdentifier"), form.get("deviceName"),
                     parseDeviceType(form.get("deviceType"))};
  if (form.get("clientId").size() > kMaxIdentifierLength) refuseForm("clientId is too long");
  if (device.identifier.size() > kMaxIdentifierLength) refuseForm("deviceIdentifier is too long");
  if (device.name.size() > kMaxDeviceNameLength) refuseForm("deviceName is too long");
  return device;
}

const std::string& readPassword(const TokenForm& form) {
  const std::string& shown = form.get("password");
  if (shown.size() > kMaxPasswordHashLength) refuseForm("password is too long");
  return shown;
}

LoginAttempt findAttempt(const VaultContext& context, std::string_view username,
                         const DeviceClaim& device) {
  if (username.size() > kMaxUsernameLength) refuseForm("username is too long");
  LoginAttempt attempt;
  attempt.email = normalizeEmail(username);
  context.database.read([&](storage::Transaction& tx) {
    attempt.standInIterations = standInFor(context, tx, attempt.email).passwordIterations;
    attempt.user = storage::UserStore(tx).findByEmail(attempt.email);
    attempt.isDeviceKnown =
        attempt.user && storage::DeviceStore(tx).isKnown(attempt.user->id, device.identifier);
  });
  return attempt;
}

void checkPassword(const VaultContext& context, const http::Request& request,
                   const LoginAttempt& attempt, std::string_view shown) {
  const bool hasPassword = attempt.user && !attempt.user->password.hash.empty();
  const bool isRight = hasPassword
                           ? context.passwords.matches(shown, attempt.user->password)
                           : context.passwords.matchesNobody(shown, attempt.standInIterations);
  if (!isRight) refuseCredentials(request, attempt.email);
  if (attempt.user->disabled) {
    const std::string message = "This user has been disabled";
    log::error("vault", message + "." + whoPart(request, attempt.email));
    throw IdentityError("invalid_grant", "user_disabled", message);
  }
}

void requireVerifiedEmail(const VaultContext& context, const http::Request& request,
                          const storage::User& user) {
  if (!mustVerify(context, user)) return;
  remindToVerify(context, request, user);
  const std::string message = "Please verify your email before trying again.";
  log::error("vault", message + "." + whoPart(request, user.email));
  throw IdentityError("invalid_grant", "email_not_verified", message);
}

std::optional<storage::PasswordVerifier> rehashIfOutdated(const VaultContext& context,
                                                          const storage::User& user,
                                                          std::string_view shown) {
  if (!context.passwords.isOutdated(user.password)) return std::nullopt;
  return context.passwords.make(shown);
}

Login recordPasswordLogin(const VaultContext& context, const storage::User& checked,
                          const DeviceClaim& device,
                          const std::optional<storage::PasswordVerifier>& rehashed,
                          const FactorOutcome& factor, const std::optional<RenderedMail>& news) {
  return recordLogin(context, checked, device, factor, rehashed, news);
}

Login recordApprovedLogin(const VaultContext& context, const storage::User& checked,
                          const DeviceClaim& device, const storage::AuthRequest& approved,
                          const FactorOutcome& factor, const std::optional<RenderedMail>& news) {
  return recordLogin(context, checked, device, factor, std::nullopt, news,
                     [&](storage::Transaction& tx, UnixMicros now) {
                       return storage::AuthRequestStore(tx).use(approved.id, now);
                     });
}

Login recordPasskeyLogin(const VaultContext& context, const storage::User& checked,
                         const DeviceClaim& device, const storage::WebAuthnCredential& passkey,
                         const std::optional<RenderedMail>& news) {
  Login login = recordLogin(context, checked, device, {}, std::nullopt, news);
  login.passkey = passkey;
  return login;
}

Login recordApiKeyLogin(const VaultContext& context, const http::Request& request,
                        const TokenForm& form, const DeviceClaim& device) {
  const std::string& clientId = form.get("clientId");
  const bool isUserKey = clientId.starts_with(kUserClientPrefix);
  const std::string userId =
      toLowerAscii(isUserKey ? clientId.substr(kUserClientPrefix.size()) : "");
  if (!json::isUuid(userId)) refuseApiKey("Malformed client_id." + addressPart(request));

  const auto found = context.database.read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findById(userId); });
  if (!found) refuseApiKey("Invalid client_id." + addressPart(request));
  if (!found->apiKey || !equalsInConstantTime(form.get("clientSecret"), *found->apiKey)) {
    refuseApiKey("Incorrect client_secret." + whoPart(request, found->email));
  }
  if (found->disabled) {
    refuseApiKey("This user has been disabled (API key login)." + whoPart(request, found->email));
  }

  const auto news = newDeviceMail(context, request, *found, device);
  const UnixMicros now = context.clock.now();
  auto user = context.database.write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    auto current = findUnchanged(users, *found);
    if (!current || current->apiKey != found->apiKey || !users.recordLogin(current->id, now)) {
      return std::optional<storage::User>();
    }
    if (storage::DeviceStore(tx).recordLogin(deviceLogin(current->id, device, now)) && news) {
      enqueueIfTaken(context.mailer, tx, *news);
    }
    return current;
  });
  if (!user) refuseApiKey("Incorrect client_secret." + whoPart(request, found->email));
  if (news) context.mailer.sendSoon();
  return {std::move(*user), device, {"api"}, std::nullopt, std::nullopt};
}

Refresh recordRefresh(const VaultContext& context, const http::Request& request,
                      const TokenForm& form) {
  const std::string& token = form.get("refreshToken");
  const std::string& clientId = form.get("clientId");
  if (token.empty() || clientId.size() > kMaxIdentifierLength) {
    refuseRefresh(request, "no token");
  }
  const UnixMicros now = context.clock.now();
  const std::string hash = sha256(token);
  auto refresh = context.database.read([&](storage::Transaction& tx) {
    std::optional<Refresh> found;
    auto device = storage::DeviceStore(tx).findByRefreshHash(hash);
    if (!device || device->refreshExpiresAt.value_or(0) <= now) return found;
    auto user = storage::UserStore(tx).findById(device->userId);
    if (user && !user->disabled) found = Refresh{std::move(*user), std::move(*device)};
    return found;
  });
  if (!refresh) refuseRefresh(request, "unknown or expired token");

  if (now - refresh->device.lastSeenAt >= kProlongEvery) {
    const bool isStillThere = context.database.write([&](storage::Transaction& tx) {
      storage::DeviceStore devices(tx);
      return devices.findByRefreshHash(hash).has_value() &&
             devices.extendRefresh(refresh->user.id, refresh->device.identifier,
                                   refreshExpiry(refresh->device.type, now), now);
    });
    if (!isStillThere) refuseRefresh(request, "the session has ended");
  }
  return std::move(*refresh);
}

}  // namespace coffer::vault
