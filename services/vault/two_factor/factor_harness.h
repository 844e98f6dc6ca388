// SPDX-License-Identifier: BSD-2-Clause
//
// For tests of second factors: accounts that have one, and logins that show one.
#pragma once

#include "services/vault/codes/one_time_codes.h"
#include "services/vault/identity/identity_harness.h"
#include "services/vault/testing/outbox.h"
#include "services/vault/two_factor/second_factor.h"
#include "services/vault/two_factor/totp.h"
#include "storage/stores/two_factor_store.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault::testing {

// As a client's header says it.
inline const Headers kOldClient{{"Bitwarden-Client-Version", "2024.6.0"}};
inline const Headers kNewClient{{"Bitwarden-Client-Version", "2026.9.0"}};

inline nlohmann::json secretOf(const TestClient& client, nlohmann::json more = nullptr) {
  nlohmann::json body = {{"masterPasswordHash", client.passwordHash}};
  if (more.is_object()) body.update(more);
  return body;
}

inline std::string codeNow(TestVault& vault, const std::string& key) {
  return totpCode(key, vault.clock().now());
}

// The code of a step in which none was used yet.
inline std::string nextCode(TestVault& vault, const std::string& key) {
  vault.clock().advance(30 * kSecond);
  return codeNow(vault, key);
}

// Sets up an authenticator as old clients do. Returns its key; the current code is used up.
inline std::string enableAuthenticator(const TestClient& client) {
  const auto offered = client.post("/api/two-factor/get-authenticator", secretOf(client));
  REQUIRE_MESSAGE(offered.status == 200, offered.body);
  const std::string key = offered.json().at("key");
  const auto code = codeNow(*client.vault, key);
  const auto reply = client.put("/api/two-factor/authenticator",
                                secretOf(client, {{"key", key}, {"token", code}}));
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return key;
}

// A fresh code for the account, in the place of one that was mailed.
inline std::string issueCode(TestVault& vault, const TestClient& client, CodePurpose purpose,
                             std::string_view address) {
  return vault.database().write([&](storage::Transaction& tx) {
    return OneTimeCodes(tx, vault.service().context().options.codes, vault.clock().now())
        .issue(client.userId, purpose, address);
  });
}

// The line of six digits in a mail's text.
inline std::string codeIn(const std::string& text) {
  constexpr std::size_t kDigits = 6;
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    const auto line = text.substr(at + 1, kDigits);
    const bool isAlone = text.substr(at + 1 + kDigits, 1) == "\n";
    if (isAlone && line.find_first_not_of("0123456789") == std::string::npos) return line;
  }
  return {};
}

// The code in the one mail that waits for the address; takes it and all others out of the outbox.
inline std::string mailedCode(TestVault& vault, const std::string& address) {
  std::string code;
  for (const auto& mail : takeMails(vault)) {
    if (mail.recipient != address || mail.kind != "twofactor_email") continue;
    CHECK_MESSAGE(code.empty(), "more than one mail");
    code = codeIn(mail.plain);
  }
  return code;
}

inline void enableEmail(const TestClient& client, const std::string& address) {
  const auto sent =
      client.post("/api/two-factor/send-email", secretOf(client, {{"email", address}}));
  REQUIRE_MESSAGE(sent.status == 200, sent.body);
  const auto code = mailedCode(*client.vault, address);
  const auto reply =
      client.put("/api/two-factor/email", secretOf(client, {{"email", address}, {"token", code}}));
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
}

// The password grant, right password, with what a second factor adds.
struct Shown {
  std::optional<int> provider = std::nullopt;
  std::string token = {};
  bool remember = false;
};

inline Reply tryLogin(const TestClient& client, const std::string& device, const Shown& shown = {},
                      const Headers& headers = kNewClient) {
  std::string form = TestVault::passwordForm(client.email, client.passwordHash, device);
  if (shown.provider) form += "&twoFactorProvider=" + std::to_string(*shown.provider);
  if (!shown.token.empty()) form += "&two_factor_token=" + shown.token;
  form += shown.remember ? "&twoFactorRemember=1" : "&twoFactorRemember=0";
  return client.vault->postForm(kToken, form, headers);
}

inline bool isChallenge(const Reply& reply) {
  return reply.status == 400 && reply.json().contains("TwoFactorProviders2");
}

// An ordinary refusal: clients ask for another code instead of beginning anew.
inline bool isWrongFactor(const Reply& reply) {
  if (reply.status != 400) return false;
  const auto body = reply.json();
  return !body.contains("TwoFactorProviders2") && body.at("error") == "invalid_grant" &&
         !body.at("ErrorModel").at("Message").get<std::string>().empty();
}

inline bool isSecured(const TestClient& client) {
  return client.get("/api/accounts/profile").json().at("twoFactorEnabled").get<bool>();
}

}  // namespace coffer::vault::testing
