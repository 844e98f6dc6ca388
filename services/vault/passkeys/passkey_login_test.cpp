// SPDX-License-Identifier: BSD-2-Clause
//
// Logging in with a passkey, which is all that is asked for.
#include "services/vault/passkeys/passkey_harness.h"
#include "services/vault/testing/outbox.h"
#include "services/vault/vault_metrics.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

bool isRefused(const Reply& reply) {
  return reply.status == 400 && reply.json()["error"] == "invalid_grant" &&
         !reply.json().contains("TwoFactorProviders2");
}

}  // namespace

TEST_CASE("anybody may ask for a login; whose passkey it is shows in the answer") {
  TestVault vault;
  const auto asked = loginOptions(vault);
  CHECK(asked["object"] == "webAuthnLoginAssertionOptions");
  CHECK(asked["options"]["rpId"] == "vault.example.test");
  CHECK(asked["options"]["allowCredentials"] == nlohmann::json::array());
  CHECK(asked["options"]["userVerification"] == "required");
  CHECK(asked["options"]["status"] == "ok");
}

TEST_CASE("a passkey logs in, and brings what unlocks") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addPasskey(alice, key).status == 200);
  const auto reply = passkeyLogin(vault, key);
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  const auto granted = reply.json();
  CHECK(granted["UserDecryptionOptions"]["WebAuthnPrfOption"] ==
        nlohmann::json{{"EncryptedPrivateKey", passkeyKeys()["encryptedPrivateKey"]},
                       {"EncryptedUserKey", passkeyKeys()["encryptedUserKey"]},
                       {"CredentialId", toBase64Url(key.credentialId)},
                       {"Transports", {"usb"}}});
  CHECK(claimsOf(granted["access_token"])["sub"] == alice.userId);
  CHECK(granted["scope"] == "api offline_access");
  CHECK(vault.postForm(kToken, refreshForm(granted["refresh_token"])).status == 200);
  CHECK(vault.service().metrics()->logins(GrantType::WebAuthn, GrantResult::Granted) == 1);
  CHECK(alice.get("/api/devices").json()["data"].size() == 2);

  SoftAuthenticator plain;
  REQUIRE(addPasskey(alice, plain, {{"name", "b"}}).status == 200);
  const auto locked = passkeyLogin(vault, plain);
  REQUIRE(locked.status == 200);
  CHECK_FALSE(locked.json()["UserDecryptionOptions"].contains("WebAuthnPrfOption"));
}

TEST_CASE("a challenge is good for one answer within seventeen minutes") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addPasskey(alice, key).status == 200);
  const auto asked = loginOptions(vault);
  const auto answer = key.get(asked["options"]);
  REQUIRE(passkeyLogin(vault, answer, asked["token"]).status == 200);
  CHECK(isRefused(passkeyLogin(vault, answer, asked["token"])));
  CHECK(isRefused(passkeyLogin(vault, key.get(asked["options"]), asked["token"])));

  const auto other = loginOptions(vault);
  CHECK(isRefused(passkeyLogin(vault, key.get(loginOptions(vault)["options"]), other["token"])));
  CHECK(isRefused(passkeyLogin(vault, key.get(other["options"]), other["token"])));  // Used up.

  const auto late = loginOptions(vault);
  vault.clock().advance(18 * kMinute);
  CHECK(isRefused(passkeyLogin(vault, key.get(late["options"]), late["token"])));
  CHECK(passkeyLogin(vault, key).status == 200);
}

TEST_CASE("a token of another kind begins no login") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addPasskey(alice, key).status == 200);
  const auto keySet = alice.post("/api/webauthn/assertion-options", withSecret(alice)).json();
  CHECK(isRefused(passkeyLogin(vault, key.get(keySet["options"]), keySet["token"])));
  const auto creation = creationOptions(alice);
  CHECK(isRefused(passkeyLogin(vault, key.get(creation["options"]), creation["token"])));
  const auto asked = loginOptions(vault);
  CHECK(isRefused(passkeyLogin(vault, key.get(asked["options"]), alice.accessToken)));
}

TEST_CASE("only the account's own passkey, its user verified, opens the account") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  SoftAuthenticator key;
  SoftAuthenticator foreign;
  REQUIRE(addPasskey(alice, key).status == 200);
  REQUIRE(addPasskey(mallory, foreign).status == 200);

  SUBCASE("another account's handle") {
    foreign.userHandle = key.userHandle;
    CHECK(isRefused(passkeyLogin(vault, foreign)));
  }
  SUBCASE("a handle of nobody, or none") {
    key.userHandle = std::string(16, 'x');
    CHECK(isRefused(passkeyLogin(vault, key)));
    key.userHandle = "short";
    CHECK(isRefused(passkeyLogin(vault, key)));
    key.showsUserHandle = false;
    CHECK(isRefused(passkeyLogin(vault, key)));
  }
  SUBCASE("another key that says it is this one") {
    SoftAuthenticator pretending;
    pretending.credentialId = key.credentialId;
    pretending.userHandle = key.userHandle;
    CHECK(isRefused(passkeyLogin(vault, pretending)));
  }
  SUBCASE("touched only") {
    key.flags = 0x01;
    CHECK(isRefused(passkeyLogin(vault, key)));
  }
  SUBCASE("a page elsewhere") {
    key.origin = "https://vault.example.test.evil.test";
    CHECK(isRefused(passkeyLogin(vault, key)));
  }
  SUBCASE("a copy whose counter is behind") {
    REQUIRE(passkeyLogin(vault, key).status == 200);
    SoftAuthenticator copy = key;
    REQUIRE(passkeyLogin(vault, key).status == 200);
    CHECK(isRefused(passkeyLogin(vault, copy)));
  }
  SUBCASE("nonsense") {
    CHECK(isRefused(passkeyLogin(vault, "text", loginOptions(vault)["token"])));
    CHECK(isRefused(passkeyLogin(vault, nlohmann::json::array(), loginOptions(vault)["token"])));
  }
  CHECK(vault.service().metrics()->logins(GrantType::WebAuthn, GrantResult::Refused) > 0);
}

TEST_CASE("the extension's own page logs in under the vault's name") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addPasskey(alice, key).status == 200);
  key.origin = "chrome-extension://nngceckbapebfimnlniiiahkandclblb";
  CHECK(passkeyLogin(vault, key).status == 200);
}

TEST_CASE("a disabled account's passkey opens nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addPasskey(alice, key).status == 200);
  vault.database().write([&](storage::Transaction& tx) {
    REQUIRE(storage::UserStore(tx).setEnabled(alice.userId, false, vault.clock().now()));
  });
  CHECK(isRefused(passkeyLogin(vault, key)));
}

TEST_CASE("an account that must prove its address first is not entered with a passkey either") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addPasskey(alice, key).status == 200);
  vault.restart([](VaultOptions& options) {
    useMail(options);
    options.verifySignups = true;
  });
  const auto reply = passkeyLogin(vault, key);
  CHECK(isRefused(reply));
  CHECK(reply.json()["error_description"] == "email_not_verified");
}

TEST_CASE("passkey logins are limited by address as others are") {
  TestVault vault;
  vault.restart([](VaultOptions& options) {
    options.loginLimit.burst = 1;
    options.anonymousLimit.burst = 2;
  });
  const auto asked = loginOptions(vault);
  CHECK(passkeyLogin(vault, nlohmann::json::object(), asked["token"]).status == 400);
  CHECK(passkeyLogin(vault, nlohmann::json::object(), asked["token"]).status == 429);
  loginOptions(vault);
  CHECK(vault.call(http::Method::Get, "/identity/accounts/webauthn/assertion-options").status ==
        429);
}
