// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/log.h"
#include "services/vault/accounts/account_access.h"
#include "services/vault/two_factor/authenticator.h"
#include "services/vault/two_factor/set_up.h"
#include "services/vault/two_factor/set_up_answer.h"
#include "services/vault/two_factor/totp.h"
#include "services/vault/two_factor/two_factor_routes.h"
#include "storage/database/database.h"

#include <nlohmann/json.hpp>

namespace coffer::vault {
namespace {

using http::Lane;
using http::Method;
using http::Request;
using http::Response;

constexpr int kType = static_cast<int>(Provider::Authenticator);

Response answer(std::string_view object, bool enabled, const std::string& key,
                std::string_view token = {}) {
  return setUpAnswer({"authenticator", object}, token, [&](json::Writer& writer) {
    writer.field("enabled", enabled).field("key", key);
  });
}

// Digits, or the number they make: some clients lose the zeros in front.
std::string readCode(const json::Object& form) {
  const auto* value = form.find("token");
  if (value == nullptr || !value->is_number()) return std::string(form.requiredString("token"));
  std::string code = std::to_string(form.requiredInteger("token"));
  if (code.size() < kTotpDigits) code.insert(0, kTotpDigits - code.size(), '0');
  return code;
}

std::string readKey(const json::Object& form) {
  auto key = parseTotpKey(form.requiredString("key"));
  if (!key) form.fail("key", "The key is not valid.");
  return *key;
}

// The key in use, or a fresh one, which is not stored before a code of it was shown.
Response getAuthenticator(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  requireSecretKeeping(context, session, document.object());
  const auto row = context.database.read([&](storage::Transaction& tx) {
    return storage::TwoFactorStore(tx).find(session.userId, kType);
  });
  const bool isEnabled = row && row->enabled;
  const std::string key = isEnabled ? row->data : makeTotpKey();
  return answer("twoFactorAuthenticator", isEnabled, key,
                issueSetUpToken(context, session, Provider::Authenticator, key));
}

// The code shown counts as used. False when a code of the same key was used in that step already.
bool enable(const VaultContext& context, storage::Transaction& tx, const std::string& userId,
            const std::string& key, std::int64_t step) {
  storage::TwoFactorStore factors(tx);
  const auto row = factors.find(userId, kType);
  if (row && row->enabled && row->data == key && row->lastUsed >= step) return false;
  const UnixMicros now = context.clock.now();
  factors.put({.userId = userId,
               .type = kType,
               .enabled = true,
               .data = key,
               .lastUsed = step,
               .createdAt = now,
               .revisedAt = now});
  factorEnabled(tx, userId, now);
  return true;
}

Response putAuthenticator(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const std::string key = readKey(form);
  const std::string code = readCode(form);
  requireSetUpProof(context, session, form, Provider::Authenticator, key);

  const auto step = findAuthenticatorStep(context, key, code);
  const bool isEnabled = step && context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    return enable(context, tx, session.userId, key, *step);
  });
  if (!isEnabled) {
    const std::string line = wrongAuthenticatorCode(context, request);
    log::error("vault", line);
    throw BadRequest(line);  // People set their clock by it.
  }
  return answer("twoFactorAuthenticatorUpdate", true, key);
}

Response deleteAuthenticator(const VaultContext& context, Request& request) {
  const auto& session = request.attached<Session>();
  const auto document = json::Document::parse(request.body());
  const auto form = document.object();
  const std::string key = readKey(form);
  requireSetUpProof(context, session, form, Provider::Authenticator, key);

  const bool isRemoved = context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    storage::TwoFactorStore factors(tx);
    const auto row = factors.find(session.userId, kType);
    if (!row || row->data != key || !factors.remove(session.userId, kType)) return false;
    factorDisabled(tx, session.userId, context.clock.now());
    return true;
  });
  if (!isRemoved) form.fail("key", "The key is not the one in use.");
  return disabledAnswer(kType);
}

}  // namespace

std::vector<http::Route> authenticatorRoutes(const VaultContext& c) {
  const auto row = [&](Method method, const char* pattern,
                       Response (*handler)(const VaultContext&, Request&)) {
    return http::Route(method, pattern, c.session, kSmallBody, Lane::Hash, with(c, handler));
  };
  return {
      row(Method::Post, "/api/two-factor/get-authenticator", getAuthenticator),
      row(Method::Put, "/api/two-factor/authenticator", putAuthenticator),
      row(Method::Post, "/api/two-factor/authenticator", putAuthenticator),
      row(Method::Delete, "/api/two-factor/authenticator", deleteAuthenticator),
  };
}

}  // namespace coffer::vault
