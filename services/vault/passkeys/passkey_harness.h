// SPDX-License-Identifier: BSD-2-Clause
//
// For tests of passkeys: making one, and logging in with it.
#pragma once

#include "services/vault/identity/identity_harness.h"
#include "services/vault/webauthn/testing/soft_authenticator.h"

#include <doctest/doctest.h>

#include <string>

namespace coffer::vault::testing {

inline nlohmann::json withSecret(const TestClient& client) {
  return {{"masterPasswordHash", client.passwordHash}};
}

// What lets a passkey unlock; `n` makes it differ.
inline nlohmann::json passkeyKeys(int n = 0) {
  return {{"encryptedUserKey", "4." + toBase64("user key " + std::to_string(n))},
          {"encryptedPublicKey", sealedText(n)},
          {"encryptedPrivateKey", sealedText(n + 1)}};
}

// {"options", "token"}
inline nlohmann::json creationOptions(const TestClient& client) {
  const auto reply = client.post("/api/webauthn/attestation-options", withSecret(client));
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return reply.json();
}

inline nlohmann::json creationForm(SoftAuthenticator& key, const nlohmann::json& asked,
                                   const nlohmann::json& more = nlohmann::json::object()) {
  nlohmann::json form = {{"deviceResponse", key.create(asked["options"])},
                         {"name", "laptop"},
                         {"token", asked["token"]},
                         {"supportsPrf", true}};
  form.update(more);
  return form;
}

// With PRF, and able to unlock.
inline Reply addPasskey(const TestClient& client, SoftAuthenticator& key,
                        const nlohmann::json& more = passkeyKeys()) {
  return client.post("/api/webauthn", creationForm(key, creationOptions(client), more));
}

inline nlohmann::json passkeysOf(const TestClient& client) {
  return client.get("/api/webauthn").json()["data"];
}

inline nlohmann::json loginOptions(TestVault& vault) {
  const auto reply = vault.call(http::Method::Get, "/identity/accounts/webauthn/assertion-options");
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return reply.json();
}

inline Reply passkeyLogin(TestVault& vault, const nlohmann::json& answer, const std::string& token,
                          const std::string& more = {}) {
  std::string escaped;
  for (const char c : answer.dump()) escaped += "%" + toHex({&c, 1});
  return vault.postForm(kToken, more +
                                    "grant_type=webauthn&scope=api%20offline_access&client_id=web"
                                    "&deviceType=9&deviceIdentifier=" +
                                    std::string(kDevice) + "&deviceName=firefox&token=" + token +
                                    "&deviceResponse=" + escaped);
}

inline Reply passkeyLogin(TestVault& vault, SoftAuthenticator& key) {
  const auto asked = loginOptions(vault);
  return passkeyLogin(vault, key.get(asked["options"]), asked["token"]);
}

}  // namespace coffer::vault::testing
