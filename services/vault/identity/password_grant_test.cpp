// SPDX-License-Identifier: BSD-2-Clause
//
// A login with the master password.
#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "services/vault/identity/identity_harness.h"
#include "services/vault/vault_metrics.h"
#include "storage/stores/device_store.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

TEST_CASE("the password grant answers everything a client needs to unlock") {
  TestVault vault;
  vault.signUp("alice@example.test");
  const auto reply = vault.postForm(
      kToken, TestVault::passwordForm("Alice@Example.test", toBase64("hash of alice@example.test"),
                                      kDevice));
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Content-Type").find("application/json") == 0);
  auto answer = reply.json();

  const auto claims = claimsOf(answer["access_token"]);
  const auto user = userOf(vault, "alice@example.test");
  CHECK(claims["sub"] == user.id);
  CHECK(claims["sstamp"] == user.securityStamp);
  CHECK(claims["device"] == kDevice);
  CHECK(claims["iss"] == "https://vault.example.test|login");
  CHECK(claims["exp"].get<std::int64_t>() == vault.clock().now() / kSecond + 7200);

  CHECK(answer["refresh_token"].get<std::string>().size() > 80);
  answer.erase("access_token");
  answer.erase("refresh_token");
  const auto key = sealedText(1);
  CHECK(answer == json{{"expires_in", 7200},
                       {"token_type", "Bearer"},
                       {"scope", "api offline_access"},
                       {"Key", key},
                       {"PrivateKey", sealedText(2)},
                       {"Kdf", 0},
                       {"KdfIterations", 600'000},
                       {"KdfMemory", nullptr},
                       {"KdfParallelism", nullptr},
                       {"ResetMasterPassword", false},
                       {"ForcePasswordReset", false},
                       {"MasterPasswordPolicy", {{"Object", "masterPasswordPolicy"}}},
                       {"AccountKeys",
                        {{"publicKeyEncryptionKeyPair",
                          {{"wrappedPrivateKey", sealedText(2)},
                           {"publicKey", publicKeyText()},
                           {"signedPublicKey", nullptr},
                           {"object", "publicKeyEncryptionKeyPair"}}},
                         {"signatureKeyPair", nullptr},
                         {"securityState", nullptr},
                         {"object", "privateKeys"}}},
                       {"UserDecryptionOptions",
                        {{"HasMasterPassword", true},
                         {"MasterPasswordUnlock",
                          {{"Kdf",
                            {{"KdfType", 0},
                             {"Iterations", 600'000},
                             {"Memory", nullptr},
                             {"Parallelism", nullptr}}},
                           {"MasterKeyEncryptedUserKey", key},
                           {"MasterKeyWrappedUserKey", key},
                           {"Salt", "alice@example.test"}}},
                         {"Object", "userDecryptionOptions"}}}});
}

TEST_CASE("a wrong password and an unknown account get the same answer") {
  TestVault vault;
  vault.signUp("alice@example.test");
  const auto wrong =
      vault.postForm(kToken, TestVault::passwordForm("alice@example.test", "wrong", kDevice));
  const auto unknown =
      vault.postForm(kToken, TestVault::passwordForm("nobody@example.test", "wrong", kDevice));
  CHECK(wrong.status == 400);
  CHECK(unknown.status == 400);
  CHECK(wrong.body == unknown.body);
  const auto body = wrong.json();
  CHECK(body["error"] == "invalid_grant");
  CHECK(body["error_description"] == "invalid_username_or_password");
  CHECK(body["ErrorModel"] ==
        json::parse(R"({"Message":"Username or password is incorrect. Try again.",
          "ValidationErrors":null,"ExceptionMessage":null,"ExceptionStackTrace":null,
          "InnerExceptionMessage":null,"Object":"error"})"));
  CHECK(body["message"] == "Username or password is incorrect. Try again.");
  CHECK(body["object"] == "error");
  CHECK(vault.service().metrics()->logins(GrantType::Password, GrantResult::Refused) == 2);
  CHECK(vault.service().metrics()->logins(GrantType::Password, GrantResult::Granted) == 1);

  const auto devices = vault.database().read([&](storage::Transaction& tx) {
    return storage::DeviceStore(tx).list(
        storage::UserStore(tx).findByEmail("alice@example.test")->id);
  });
  CHECK(devices.size() == 1);  // The failed attempt made no device.
}

TEST_CASE("no name puts another address into the line that log filters read") {
  TestVault vault;
  const auto file = vault.folder() / "log";
  log::Options toFile;
  toFile.file = file.string();
  log::configure(toFile);
  const std::string line = "Username or password is incorrect. Try again. IP: ";
  CHECK(vault
            .postForm(kToken,
                      TestVault::passwordForm(line + "198.51.100.1. Username: y", "wrong", kDevice))
            .status == 400);
  log::configure({});
  std::ifstream in(file);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  CHECK(text.find(line + "192.0.2.7. Username: ") != std::string::npos);
  CHECK(text.find("IP: 198.51.100.1") == std::string::npos);
}

TEST_CASE("a disabled account is told so only by the right password") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  vault.database().write([&](storage::Transaction& tx) {
    REQUIRE(storage::UserStore(tx).setEnabled(alice.userId, false, vault.clock().now()));
  });
  const auto right = vault.postForm(
      kToken, TestVault::passwordForm(alice.email, alice.passwordHash, alice.device));
  CHECK(right.status == 400);
  CHECK(right.json()["message"] == "This user has been disabled");
  const auto wrong =
      vault.postForm(kToken, TestVault::passwordForm(alice.email, "wrong", alice.device));
  CHECK(wrong.json()["message"] == "Username or password is incorrect. Try again.");
  CHECK(vault.postForm(kToken, refreshForm(alice.refreshToken)).body ==
        R"({"error":"invalid_grant"})");
}

TEST_CASE("a token form that lacks something is refused in the form of OAuth") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto form = TestVault::passwordForm(alice.email, alice.passwordHash, kDevice);
  struct Row {
    std::string form;
    const char* error;
  };
  const auto without = [&](const std::string& name) {
    const auto begin = form.find(name + "=");
    const auto end = form.find('&', begin);
    return form.substr(0, begin) + (end == std::string::npos ? "" : form.substr(end + 1));
  };
  const auto with = [&](const std::string& more) { return more + "&" + form; };
  for (const Row& row : {
           Row{"", "invalid_request"},
           Row{"grant_type=", "invalid_request"},
           Row{"grant_type=webauthn&token=x", "invalid_request"},
           Row{"grant_type=device_code", "unsupported_grant_type"},
           Row{"grant_type=authorization_code&code=x", "invalid_grant"},
           Row{"grant_type=send_access&client_id=send&send_id=AAAA", "invalid_scope"},
           Row{"grant_type=send_access&client_id=send", "invalid_scope"},
           Row{without("username"), "invalid_request"},
           Row{without("password"), "invalid_request"},
           Row{without("scope"), "invalid_request"},
           Row{without("client_id"), "invalid_request"},
           Row{without("deviceIdentifier"), "invalid_request"},
           Row{without("deviceName"), "invalid_request"},
           Row{without("deviceType"), "invalid_request"},
           Row{with("scope=api"), "invalid_scope"},
           Row{with("scope=api+offline_access+admin"), "invalid_scope"},
           Row{with("deviceIdentifier=" + std::string(65, 'd')), "invalid_request"},
           Row{with("deviceName=" + std::string(256, 'd')), "invalid_request"},
           Row{with("password=" + std::string(301, 'd')), "invalid_request"},
           Row{with("username=" + std::string(257, 'd')), "invalid_request"},
           Row{with("client_id=" + std::string(65, 'd')), "invalid_request"},
           Row{with("authRequest=0f01a66f-7802-42bc-9647-a82600f11e10"), "invalid_grant"},
           Row{with("username=%zz"), "invalid_request"},
           Row{"grant_type=client_credentials&scope=api&client_id=user.x", "invalid_request"},
       }) {
    CAPTURE(row.form);
    const auto reply = vault.postForm(kToken, row.form);
    CHECK(reply.status == 400);
    CHECK(reply.json()["error"] == row.error);
    CHECK(reply.json()["ErrorModel"]["Object"] == "error");
  }
  CHECK(vault.postForm(kToken, with("scope=offline_access+api")).status == 200);
}

TEST_CASE(
    "a device without a number of its own is an unknown browser, and stays what it first was") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto form = TestVault::passwordForm(alice.email, alice.passwordHash, kDevice);
  REQUIRE(vault.postForm(kToken, "DeviceType=iOS&device_name=Phone&" + form).status == 200);
  REQUIRE(vault.postForm(kToken, "deviceType=9&deviceName=Other&" + form).status == 200);
  const auto device = alice.get(std::string("/api/devices/") + kDevice).json();
  CHECK(device["type"] == 14);
  CHECK(device["name"] == "Phone");
}

TEST_CASE("a password is hashed again when the setting was raised, and no session ends") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto before = userOf(vault, alice.email);
  CHECK(before.password.iterations == 10);

  vault.restart([](VaultOptions& options) { options.passwordIterations = 25; });
  vault.logIn(alice.email, alice.passwordHash, kDevice);
  const auto after = userOf(vault, alice.email);
  CHECK(after.password.iterations == 25);
  CHECK(after.securityStamp == before.securityStamp);
  CHECK(after.revisedAt == before.revisedAt);
  CHECK(alice.get("/api/accounts/profile").status == 200);

  vault.restart([](VaultOptions& options) { options.passwordIterations = 15; });
  vault.logIn(alice.email, alice.passwordHash, kDevice);
  CHECK(userOf(vault, alice.email).password.iterations == 25);
}
