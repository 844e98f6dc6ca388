// SPDX-License-Identifier: BSD-2-Clause
//
// Passkeys of an account: made, listed, taught to unlock, rotated and removed.
#include "services/vault/passkeys/passkey_harness.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

TEST_CASE("a passkey is asked for with its user verified and the account's handle in it") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto asked = creationOptions(alice);
  CHECK(asked["object"] == "webauthnCredentialCreateOptions");
  const auto& options = asked["options"];
  CHECK(options["authenticatorSelection"] == nlohmann::json{{"requireResidentKey", true},
                                                            {"residentKey", "required"},
                                                            {"userVerification", "required"}});
  std::string digits = alice.userId;
  std::erase(digits, '-');
  CHECK(options["user"]["id"] == toBase64Url(*fromHex(digits)));
  CHECK(options["excludeCredentials"] == nlohmann::json::array());
  CHECK(alice.post("/api/webauthn/attestation-options", {{"masterPasswordHash", "wrong"}}).status ==
        400);
}

TEST_CASE("a passkey says in the list what it can do") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  CHECK(passkeysOf(alice) == nlohmann::json::array());
  SoftAuthenticator unlocks;
  SoftAuthenticator could;
  SoftAuthenticator cannot;
  auto both = passkeyKeys();
  REQUIRE(addPasskey(alice, unlocks).status == 200);
  REQUIRE(addPasskey(alice, could, {{"name", "b"}}).status == 200);
  both["supportsPrf"] = false;
  REQUIRE(addPasskey(alice, cannot, both).status == 200);
  CHECK(creationOptions(alice)["options"]["excludeCredentials"].size() == 3);

  std::map<int, nlohmann::json> byStatus;
  for (const auto& passkey : passkeysOf(alice)) byStatus[passkey["prfStatus"]] = passkey;
  REQUIRE(byStatus.size() == 3);
  CHECK(byStatus[0]["name"] == "laptop");
  CHECK(byStatus[0]["object"] == "webauthnCredential");
  const auto keys = passkeyKeys();
  for (const auto& [name, value] : keys.items()) {
    CHECK(byStatus[0][name] == value);
    CHECK(byStatus[1][name].is_null());
    CHECK(byStatus[2][name].is_null());
  }

  const auto decryption = alice.get("/api/sync").json()["userDecryption"]["webAuthnPrfOptions"];
  REQUIRE(decryption.size() == 1);
  CHECK(decryption[0]["credentialId"] == toBase64Url(unlocks.credentialId));
  CHECK(decryption[0]["encryptedPrivateKey"] == passkeyKeys()["encryptedPrivateKey"]);
  CHECK(decryption[0]["encryptedUserKey"] == passkeyKeys()["encryptedUserKey"]);
  CHECK(decryption[0]["transports"] == nlohmann::json{"usb"});
}

TEST_CASE("a passkey that is not what was asked for is not stored") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto post = [&](const TestClient& client, const nlohmann::json& form) {
    return client.post("/api/webauthn", form).status;
  };
  SoftAuthenticator key;
  const auto good = creationForm(key, creationOptions(alice), passkeyKeys());

  SUBCASE("the token is another account's, tampered with, too old, or of another kind") {
    CHECK(post(mallory, good) == 400);
    auto bad = good;
    bad["token"] = good["token"].get<std::string>() + "A";
    CHECK(post(alice, bad) == 400);
    bad["token"] = "";
    CHECK(post(alice, bad) == 400);
    bad["token"] = alice.accessToken;
    CHECK(post(alice, bad) == 400);
    bad["token"] = alice.post("/api/webauthn/assertion-options", withSecret(alice)).json()["token"];
    CHECK(post(alice, bad) == 400);
    bad["token"] = loginOptions(vault)["token"];
    CHECK(post(alice, bad) == 400);
    vault.clock().advance(8 * kMinute);
    CHECK(post(alice, good) == 400);
  }
  SUBCASE("the token was used") {
    CHECK(post(alice, good) == 200);
    SoftAuthenticator second;
    auto again = good;
    again["deviceResponse"] = second.create(
        {{"challenge",
          nlohmann::json::parse(*fromBase64Url(good["deviceResponse"]["response"]["clientDataJSON"]
                                                   .get<std::string>()))["challenge"]},
         {"user", {{"id", toBase64Url("x")}}}});
    CHECK(post(alice, again) == 400);
    return;
  }
  SUBCASE("a wrong answer uses the token up as well") {
    auto bad = good;
    SoftAuthenticator elsewhere;
    elsewhere.party = "evil.example.test";
    bad["deviceResponse"] =
        elsewhere.create({{"challenge", "AAAA"}, {"user", {{"id", toBase64Url("x")}}}});
    CHECK(post(alice, bad) == 400);
    CHECK(post(alice, good) == 400);
  }
  SUBCASE("the user was not verified") {
    SoftAuthenticator touched;
    touched.flags = 0x01;
    CHECK(post(alice, creationForm(touched, creationOptions(alice))) == 400);
  }
  SUBCASE("a member is missing or wrong") {
    for (const char* member : {"encryptedUserKey", "encryptedPublicKey", "encryptedPrivateKey"}) {
      for (const auto& value : {nlohmann::json(nullptr), nlohmann::json("not sealed"),
                                nlohmann::json("4." + toBase64(std::string(2'000, 'x')))}) {
        CAPTURE(member);
        auto form = creationForm(key, creationOptions(alice), passkeyKeys());
        form[member] = value;
        CHECK(post(alice, form) == 400);
      }
    }
    auto form = creationForm(key, creationOptions(alice));
    form["name"] = std::string(51, 'n');
    CHECK(post(alice, form) == 400);
    form["name"] = "";
    CHECK(post(alice, form) == 400);
  }
  CHECK(passkeysOf(alice).empty());
  CHECK(passkeysOf(mallory).empty());
}

TEST_CASE("an account has five passkeys at most, each of them once") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  SoftAuthenticator first;
  REQUIRE(addPasskey(alice, first).status == 200);
  CHECK(addPasskey(alice, first).status == 400);
  CHECK(addPasskey(mallory, first).status == 400);
  for (int i = 1; i < 5; ++i) {
    SoftAuthenticator key;
    REQUIRE(addPasskey(alice, key).status == 200);
  }
  SoftAuthenticator sixth;
  CHECK(addPasskey(alice, sixth).status == 400);
  CHECK(passkeysOf(alice).size() == 5);
}

TEST_CASE("a passkey that could unlock is taught to") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  SoftAuthenticator key;
  SoftAuthenticator plain;
  REQUIRE(addPasskey(alice, key, {{"name", "b"}}).status == 200);
  REQUIRE(addPasskey(alice, plain, {{"supportsPrf", false}}).status == 200);
  const auto ask = [](const TestClient& client) {
    return client.post("/api/webauthn/assertion-options", withSecret(client)).json();
  };
  const auto form = [](SoftAuthenticator& from, const nlohmann::json& asked) {
    auto body = passkeyKeys();
    body["token"] = asked["token"];
    body["deviceResponse"] = from.get(asked["options"]);
    return body;
  };
  const auto asked = ask(alice);
  CHECK(asked["object"] == "webAuthnLoginAssertionOptions");
  CHECK(asked["options"]["userVerification"] == "required");
  REQUIRE(asked["options"]["allowCredentials"].size() == 1);

  CHECK(alice.put("/api/webauthn", form(plain, ask(alice))).status == 400);
  CHECK(mallory.put("/api/webauthn", form(key, ask(mallory))).status == 400);
  CHECK(mallory.put("/api/webauthn", form(key, ask(alice))).status == 400);
  auto login = form(key, loginOptions(vault));
  CHECK(alice.put("/api/webauthn", login).status == 400);
  auto incomplete = form(key, ask(alice));
  incomplete.erase("encryptedPrivateKey");
  CHECK(alice.put("/api/webauthn", incomplete).status == 400);
  CHECK(alice.get("/api/sync").json()["userDecryption"]["webAuthnPrfOptions"].is_null());

  const auto good = form(key, asked);
  CHECK(alice.put("/api/webauthn", good).status == 200);
  CHECK(alice.put("/api/webauthn", good).status == 400);
  CHECK(alice.get("/api/sync").json()["userDecryption"]["webAuthnPrfOptions"].size() == 1);
}

TEST_CASE("a passkey is removed by its owner, who shows the password") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  SoftAuthenticator key;
  REQUIRE(addPasskey(alice, key).status == 200);
  const std::string route =
      "/api/webauthn/" + passkeysOf(alice)[0]["id"].get<std::string>() + "/delete";
  CHECK(alice.post(route, {{"masterPasswordHash", "wrong"}}).status == 400);
  CHECK(mallory.post(route, withSecret(mallory)).status == 404);
  CHECK(passkeysOf(alice).size() == 1);
  CHECK(alice.post(route, withSecret(alice)).status == 200);
  CHECK(alice.post(route, withSecret(alice)).status == 404);
  CHECK(passkeysOf(alice).empty());
  CHECK(passkeyLogin(vault, key).status == 400);
}

TEST_CASE("a new user key is sealed for every passkey that unlocks, or the change is refused") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator unlocks;
  SoftAuthenticator could;
  REQUIRE(addPasskey(alice, unlocks).status == 200);
  REQUIRE(addPasskey(alice, could, {{"name", "b"}}).status == 200);
  std::string id;
  std::string other;
  for (const auto& passkey : passkeysOf(alice)) {
    (passkey["prfStatus"] == 0 ? id : other) = passkey["id"];
  }
  const auto data = alice.get("/api/accounts/key-management/key-rotation-data").json();
  const auto keys = passkeyKeys();
  CHECK(data["passkeyKeyData"] ==
        nlohmann::json::array({{{"id", id},
                                {"encryptedUserKey", keys["encryptedUserKey"]},
                                {"encryptedPublicKey", keys["encryptedPublicKey"]},
                                {"object", "passkeyKeyData"}}}));
  const auto rotate = [&](const nlohmann::json& passkeys) {
    return alice.post("/api/accounts/key-management/rotate-user-account-keys",
                      {{"oldMasterKeyAuthenticationHash", alice.passwordHash},
                       {"accountUnlockData",
                        {{"masterPasswordUnlockData",
                          {{"kdfType", 0},
                           {"kdfIterations", 600'000},
                           {"email", alice.email},
                           {"masterKeyAuthenticationHash", alice.passwordHash},
                           {"masterKeyEncryptedUserKey", sealedText(25)}}},
                         {"passkeyUnlockData", passkeys}}},
                       {"accountKeys",
                        {{"userKeyEncryptedAccountPrivateKey", sealedText(26)},
                         {"accountPublicKey", publicKeyText()}}},
                       {"accountData", nlohmann::json::object()}});
  };
  const auto sealedAnew = [](const std::string& passkey) {
    auto element = passkeyKeys(7);
    element.erase("encryptedPrivateKey");
    element["id"] = passkey;
    return element;
  };
  CHECK(rotate(nlohmann::json::array()).status == 400);
  CHECK(rotate(nlohmann::json::array({sealedAnew(id), sealedAnew(other)})).status == 400);
  CHECK(rotate(nlohmann::json::array({sealedAnew(other)})).status == 400);
  CHECK(passkeyLogin(vault, unlocks).status == 200);
  const auto reply = rotate(nlohmann::json::array({sealedAnew(id)}));
  CHECK_MESSAGE(reply.status == 200, reply.body);

  // The web client goes on with its old session for a moment; the passkey goes on for good.
  CHECK(passkeysOf(alice).size() == 2);
  const auto granted = passkeyLogin(vault, unlocks).json();
  const auto option = granted["UserDecryptionOptions"]["WebAuthnPrfOption"];
  CHECK(option["EncryptedUserKey"] == passkeyKeys(7)["encryptedUserKey"]);
  CHECK(option["EncryptedPrivateKey"] == passkeyKeys()["encryptedPrivateKey"]);
}
