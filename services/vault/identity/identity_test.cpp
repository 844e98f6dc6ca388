// SPDX-License-Identifier: BSD-2-Clause
//
// From an address to a session: prelogin, registration, tokens.
#include "appliance/base/bytes.h"
#include "appliance/base/log.h"
#include "services/vault/testing/test_vault.h"
#include "services/vault/vault_metrics.h"
#include "storage/stores/device_store.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kToken = "/identity/connect/token";
constexpr const char* kDevice = "aac2e34a-44db-42ab-a733-5322dd582c3d";

json claimsOf(const std::string& token) {
  const auto first = token.find('.') + 1;
  return json::parse(*fromBase64Url(token.substr(first, token.rfind('.') - first)));
}

storage::User userOf(TestVault& vault, const std::string& email) {
  return *vault.database().read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findByEmail(email); });
}

std::string refreshForm(const std::string& token) {
  return "grant_type=refresh_token&client_id=cli&refresh_token=" + token;
}

}  // namespace

TEST_CASE("prelogin tells how to derive, in the shapes of old and new clients") {
  TestVault vault;
  auto body = TestVault::registrationBody("argon@example.test", "hash");
  body["kdf"] = 1;
  body["kdfIterations"] = 6;
  body["kdfMemory"] = 32;
  body["kdfParallelism"] = 4;
  REQUIRE(vault.postJson("/api/accounts/register", body).status == 200);

  for (const char* route : {"/identity/accounts/prelogin", "/identity/accounts/prelogin/password",
                            "/api/accounts/prelogin"}) {
    CAPTURE(route);
    CHECK(vault.postJson(route, {{"email", " Argon@Example.test "}}).json() ==
          json::parse(R"({"kdf":1,"kdfIterations":6,"kdfMemory":32,"kdfParallelism":4,
                          "kdfSettings":{"kdfType":1,"iterations":6,"memory":32,"parallelism":4},
                          "salt":null})"));
    const auto unknown = vault.postJson(route, {{"Email", "nobody@example.test"}});
    CHECK(unknown.status == 200);
    CHECK(unknown.json() ==
          json::parse(R"({"kdf":0,"kdfIterations":600000,"kdfMemory":null,"kdfParallelism":null,
             "kdfSettings":{"kdfType":0,"iterations":600000,"memory":null,"parallelism":null},
             "salt":null})"));
    CHECK(vault.postJson(route, json::object()).status == 400);
  }
}

TEST_CASE("an old client registers in one step, and logs in") {
  TestVault vault;
  for (const char* route : {"/identity/accounts/register", "/api/accounts/register"}) {
    const std::string email = std::string("a") + route[1] + "@example.test";
    const auto reply = vault.postJson(route, TestVault::registrationBody(email, "hash"));
    CHECK(reply.status == 200);
    CHECK(reply.json() == json{{"object", "register"}, {"captchaBypassToken", ""}});
    vault.logIn(email, "hash", kDevice);
  }
}

TEST_CASE("a new client registers in two steps") {
  TestVault vault;
  const auto first = vault.postJson("/identity/accounts/register/send-verification-email",
                                    {{"email", "New@Example.test"}, {"name", "Nora"}});
  REQUIRE(first.status == 200);
  const std::string token = first.json();

  const auto clicked = [&](const std::string& email, const std::string& text) {
    return vault
        .postJson("/identity/accounts/register/verification-email-clicked",
                  {{"email", email}, {"emailVerificationToken", text}})
        .status;
  };
  CHECK(clicked("new@example.test", token) == 200);
  CHECK(clicked("other@example.test", token) == 400);
  CHECK(clicked("new@example.test", token + "x") == 400);

  const json kdf{{"kdfType", 0}, {"iterations", 600'000}, {"memory", nullptr}};
  json body{
      {"email", "new@example.test"},
      {"emailVerificationToken", token},
      {"masterPasswordHint", " a hint "},
      {"masterPasswordAuthentication",
       {{"kdf", kdf}, {"salt", "new@example.test"}, {"masterPasswordAuthenticationHash", "h"}}},
      {"masterPasswordUnlock",
       {{"kdf", kdf},
        {"salt", "new@example.test"},
        {"masterKeyWrappedUserKey", sealedText(1)},
        {"containedKeyId", "7EC1569A644923709085EC8AACE9D916"}}},
      {"accountKeys",
       {{"userKeyEncryptedAccountPrivateKey", sealedText(2)},
        {"accountPublicKey", publicKeyText()}}}};
  const auto finish = [&](const json& form) {
    return vault.postJson("/identity/accounts/register/finish", form);
  };

  SUBCASE("and the account is complete") {
    const auto reply = finish(body);
    CHECK(reply.status == 200);
    CHECK(reply.json() == json{{"object", "registerFinish"}, {"captchaBypassToken", ""}});
    const auto user = userOf(vault, "new@example.test");
    CHECK(user.name == "Nora");
    CHECK(user.passwordHint == "a hint");
    CHECK(user.userKeyId == "7ec1569a644923709085ec8aace9d916");
    CHECK(user.userKey == sealedText(1));
    CHECK(user.keys.privateKey == sealedText(2));
    vault.logIn("new@example.test", "h", kDevice);
  }
  SUBCASE("with the older names of the second step") {
    body.erase("masterPasswordAuthentication");
    body.erase("masterPasswordUnlock");
    body.erase("accountKeys");
    body["masterPasswordHash"] = "h";
    body["kdf"] = 0;
    body["kdfIterations"] = 600'000;
    body["userSymmetricKey"] = sealedText(1);
    body["userAsymmetricKeys"] = {{"publicKey", publicKeyText()},
                                  {"encryptedPrivateKey", sealedText(2)}};
    CHECK(finish(body).status == 200);
    vault.logIn("new@example.test", "h", kDevice);
  }
  SUBCASE("but not with a broken form") {
    const auto refused = [&](const char* pointer, const json& value) {
      auto changed = body;
      changed[json::json_pointer(pointer)] = value;
      CAPTURE(pointer);
      const auto reply = finish(changed);
      CHECK(reply.status == 400);
      CHECK(reply.json().contains("message"));
    };
    refused("/email", "other@example.test");
    refused("/emailVerificationToken", "");
    refused("/emailVerificationToken", token + "x");
    refused("/emailVerificationToken", nullptr);
    refused("/masterPasswordHint", std::string(51, 'h'));
    refused("/masterPasswordAuthentication/salt", "other@example.test");
    refused("/masterPasswordUnlock/salt", nullptr);
    refused("/masterPasswordUnlock/kdf/iterations", 700'000);
    refused("/masterPasswordUnlock/masterKeyWrappedUserKey", "not sealed");
    refused("/masterPasswordUnlock/containedKeyId", "xyz");
    refused("/masterPasswordUnlock", nullptr);
    refused("/masterPasswordAuthentication/masterPasswordAuthenticationHash",
            std::string(301, 'a'));
    refused("/accountKeys", nullptr);
    refused("/accountKeys/accountPublicKey", "#");
    refused("/accountKeys/signatureKeyPair", {{"wrappedSigningKey", "7.AAAA"}});
    CHECK(finish(body).status == 200);  // None of them left anything behind.
  }
  SUBCASE("but not half an hour later") {
    vault.clock().advance(31 * kMinute);
    CHECK(finish(body).status == 400);
  }
  SUBCASE("but not twice") {
    CHECK(finish(body).status == 200);
    const auto again = finish(body);
    CHECK(again.status == 400);
    CHECK(again.json()["message"] == "Registration not allowed or user already exists");
  }
}

TEST_CASE("KDF settings below the box's demands are refused, with the demand in the text") {
  TestVault vault([](VaultOptions& options) { options.minimumClientIterations = 600'000; });
  auto body = TestVault::registrationBody("weak@example.test", "hash");
  body["kdfIterations"] = 599'999;
  const auto reply = vault.postJson("/api/accounts/register", body);
  CHECK(reply.status == 400);
  CHECK(reply.json()["message"] == "PBKDF2 KDF iterations must be at least 600000.");
  body["kdfIterations"] = "600000";  // Old clients write numbers as text.
  CHECK(vault.postJson("/api/accounts/register", body).status == 200);
}

TEST_CASE("who may register is the owner's choice") {
  const auto signup = [](TestVault& vault, const std::string& email) {
    const auto reply =
        vault.postJson("/api/accounts/register", TestVault::registrationBody(email, "hash"));
    if (reply.status != 200) {
      CHECK(reply.status == 400);
      CHECK(reply.json()["message"] == "Registration not allowed or user already exists");
    }
    const auto begun = vault.postJson("/identity/accounts/register/send-verification-email",
                                      {{"email", "late." + email}});
    CHECK((begun.status == 200 || begun.status == 400));
    return reply.status;
  };
  const auto isHidden = [](TestVault& vault) {
    return vault.call(http::Method::Get, "/api/config")
        .json()["settings"]["disableUserRegistration"];
  };
  SUBCASE("first: until there is an account") {
    TestVault vault([](VaultOptions& options) { options.signups = SignupPolicy::First; });
    CHECK(isHidden(vault) == false);
    CHECK(signup(vault, "first@example.test") == 200);
    CHECK(signup(vault, "second@example.test") == 400);
    CHECK(isHidden(vault) == true);
  }
  SUBCASE("closed: nobody") {
    TestVault vault([](VaultOptions& options) { options.signups = SignupPolicy::Closed; });
    CHECK(isHidden(vault) == true);
    CHECK(signup(vault, "a@example.test") == 400);
  }
  SUBCASE("domains: addresses of these domains") {
    TestVault vault([](VaultOptions& options) {
      options.signups = SignupPolicy::Domains;
      options.signupDomains = {"Example.test"};
    });
    CHECK(signup(vault, "a@example.test") == 200);
    CHECK(signup(vault, "a@sub.example.test") == 400);
    CHECK(signup(vault, "a@example.test.evil.test") == 400);
    CHECK(signup(vault, "a@evilexample.test") == 400);
  }
  SUBCASE("invited: addresses that have a row without a password") {
    TestVault vault([](VaultOptions& options) { options.signups = SignupPolicy::Invited; });
    storage::User invited;
    invited.id = "0f01a66f-7802-42bc-9647-a82600f11e10";
    invited.email = "guest@example.test";
    invited.securityStamp = "none";
    vault.database().write(
        [&](storage::Transaction& tx) { storage::UserStore(tx).insert(invited); });
    CHECK(signup(vault, "stranger@example.test") == 400);
    CHECK(signup(vault, "guest@example.test") == 200);
    CHECK(signup(vault, "guest@example.test") == 400);
    const auto client = vault.logIn("guest@example.test", "hash", kDevice);
    CHECK(client.userId == invited.id);
    CHECK(client.get("/api/accounts/profile").json()["name"] == "Alice");
  }
}

TEST_CASE("whoever may not register costs the box no hashing") {
  // Zero rounds cannot be hashed with: trying to would be a fault in the program.
  TestVault vault([](VaultOptions& options) {
    options.signups = SignupPolicy::Closed;
    options.passwordIterations = 0;
  });
  CHECK(
      vault
          .postJson("/api/accounts/register", TestVault::registrationBody("a@example.test", "hash"))
          .status == 400);
}

TEST_CASE("an invited account cannot be entered before it is completed") {
  TestVault vault;
  storage::User invited;
  invited.id = "0f01a66f-7802-42bc-9647-a82600f11e10";
  invited.email = "guest@example.test";
  vault.database().write([&](storage::Transaction& tx) { storage::UserStore(tx).insert(invited); });
  for (const char* hash : {"x", "AAAA"}) {
    CHECK(vault.postForm(kToken, TestVault::passwordForm(invited.email, hash, kDevice)).status ==
          400);
  }
}

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
           Row{"grant_type=webauthn&token=x", "unsupported_grant_type"},
           Row{"grant_type=device_code", "unsupported_grant_type"},
           Row{"grant_type=authorization_code&code=x", "invalid_grant"},
           Row{"grant_type=send_access&client_id=send&send_id=AAAA", "invalid_grant"},
           Row{"grant_type=send_access&client_id=send", "invalid_request"},
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

TEST_CASE("a refresh token gives access tokens again and again") {
  TestVault vault;
  auto alice = vault.signUp("alice@example.test");
  for (int i = 0; i < 3; ++i) {
    vault.clock().advance(2 * kHour + kMinute);
    CHECK(alice.get("/api/accounts/profile").status == 401);
    const auto reply = vault.postForm(kToken, refreshForm(alice.refreshToken));
    REQUIRE(reply.status == 200);
    auto answer = reply.json();
    CHECK(answer["expires_in"] == 7200);
    CHECK(answer["token_type"] == "Bearer");
    CHECK(answer["scope"] == "api offline_access");
    CHECK(answer["refresh_token"] == alice.refreshToken);
    alice.accessToken = answer["access_token"];
    CHECK(claimsOf(alice.accessToken)["client_id"] == "cli");
    CHECK(alice.get("/api/accounts/profile").status == 200);
  }
}

TEST_CASE("a session ends after thirty idle days, a phone's after ninety") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto form = TestVault::passwordForm(alice.email, alice.passwordHash, kDevice);
  const auto phone = vault.postForm(kToken, "deviceType=0&" + form).json();
  const auto works = [&](const std::string& token) {
    return vault.postForm(kToken, refreshForm(token)).status == 200;
  };
  vault.clock().advance(29 * kDay);
  CHECK(works(alice.refreshToken));  // Used: thirty days more.
  vault.clock().advance(29 * kDay);
  CHECK(works(alice.refreshToken));
  vault.clock().advance(31 * kDay);
  CHECK_FALSE(works(alice.refreshToken));
  CHECK(works(phone["refresh_token"]));
  vault.clock().advance(91 * kDay);
  CHECK_FALSE(works(phone["refresh_token"]));
}

TEST_CASE("a login does not bring a session back that had ended on the same device") {
  TestVault vault;
  const auto first = vault.signUp("alice@example.test");
  const auto second = vault.logIn(first.email, first.passwordHash, first.device);
  CHECK(vault.postForm(kToken, refreshForm(first.refreshToken)).status == 200);

  vault.clock().advance(31 * kDay);
  CHECK(vault.postForm(kToken, refreshForm(second.refreshToken)).status == 400);
  const auto third = vault.logIn(first.email, first.passwordHash, first.device);
  CHECK(vault.postForm(kToken, refreshForm(second.refreshToken)).status == 400);
  CHECK(vault.postForm(kToken, refreshForm(third.refreshToken)).status == 200);
}

TEST_CASE("a refresh that fails says invalid_grant and nothing else") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto refused = [&](const std::string& form) {
    const auto reply = vault.postForm(kToken, form);
    CHECK(reply.status == 400);
    CHECK(reply.body == R"({"error":"invalid_grant"})");
  };
  refused("grant_type=refresh_token");
  refused(refreshForm(""));
  refused(refreshForm("x"));
  refused(refreshForm(alice.refreshToken + "x"));
  refused(refreshForm(alice.accessToken));
  SUBCASE("after the device was removed") {
    REQUIRE(alice.remove("/api/devices/" + alice.device).status == 200);
    refused(refreshForm(alice.refreshToken));
  }
  SUBCASE("after all sessions were ended") {
    REQUIRE(alice.post("/api/accounts/security-stamp", {{"masterPasswordHash", alice.passwordHash}})
                .status == 200);
    refused(refreshForm(alice.refreshToken));
  }
  SUBCASE("after the account was deleted") {
    REQUIRE(
        alice.post("/api/accounts/delete", {{"masterPasswordHash", alice.passwordHash}}).status ==
        200);
    refused(refreshForm(alice.refreshToken));
  }
  CHECK(vault.service().metrics()->logins(GrantType::RefreshToken, GrantResult::Refused) >= 5);
}

TEST_CASE("no token stands in the database as a client holds it") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto device = *vault.database().read([&](storage::Transaction& tx) {
    return storage::DeviceStore(tx).find(alice.userId, alice.device);
  });
  CHECK(device.refreshHash->size() == 32);
  CHECK(device.refreshHash->find(alice.refreshToken) == std::string::npos);
  CHECK(userOf(vault, alice.email).password.hash != alice.passwordHash);
}

TEST_CASE("a personal API key logs in without a refresh token") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const json secret{{"masterPasswordHash", alice.passwordHash}};
  const std::string key = alice.post("/api/accounts/api-key", secret).json()["apiKey"];
  CHECK(key.size() == 30);
  CHECK(alice.post("/api/accounts/api-key", secret).json()["apiKey"] == key);

  const auto form = [&](const std::string& user, const std::string& with) {
    return "scope=api&client_id=user." + user + "&deviceType=25&deviceIdentifier=" + kDevice +
           "&deviceName=linux&grant_type=client_credentials&client_secret=" + with;
  };
  const auto reply = vault.postForm(kToken, form(alice.userId, key));
  REQUIRE(reply.status == 200);
  CHECK(reply.json()["scope"] == "api");
  CHECK_FALSE(reply.json().contains("refresh_token"));
  CHECK(reply.json()["Key"] == sealedText(1));
  const auto claims = claimsOf(reply.json()["access_token"]);
  CHECK(claims["client_id"] == "user." + alice.userId);
  CHECK(claims["scope"] == json{"api"});
  CHECK(vault
            .call(http::Method::Get, "/api/sync", {},
                  {{"Authorization", "Bearer " + reply.json()["access_token"].get<std::string>()}})
            .status == 200);

  const auto refused = [&](const std::string& text) {
    const auto answer = vault.postForm(kToken, text);
    CHECK(answer.status == 400);
    CHECK(answer.json()["error"] == "invalid_client");
  };
  refused(form(alice.userId, "wrong"));
  refused(form("0f01a66f-7802-42bc-9647-a82600f11e10", key));
  refused(form("nobody", key));
  refused("client_id=organization." + alice.userId + "&" + form(alice.userId, key));
  const auto renewed = alice.post("/api/accounts/rotate-api-key", secret).json()["apiKey"];
  CHECK(renewed != key);
  refused(form(alice.userId, key));
}

TEST_CASE("an account without an API key cannot be entered with one") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const char* secret : {"x", "null", "0"}) {
    const auto reply = vault.postForm(
        kToken, std::string("grant_type=client_credentials&scope=api&deviceType=25&deviceName=l&"
                            "deviceIdentifier=d&client_secret=") +
                    secret + "&client_id=user." + alice.userId);
    CHECK(reply.json()["error"] == "invalid_client");
  }
}

TEST_CASE("logins are limited by address and by account") {
  const auto narrow = [](VaultOptions& options) { options.loginLimit.burst = 3; };
  const auto attempt = [](TestVault& vault, const std::string& email, const std::string& device) {
    return vault.postForm(kToken, TestVault::passwordForm(email, "wrong", device)).status;
  };
  SUBCASE("by address, whatever the account") {
    TestVault vault(narrow);
    for (int i = 0; i < 3; ++i) {
      CHECK(attempt(vault, "a" + std::to_string(i) + "@example.test", kDevice) == 400);
    }
    CHECK(attempt(vault, "b@example.test", kDevice) == 429);
    CHECK(vault.service().metrics()->logins(GrantType::Password, GrantResult::Throttled) == 1);
    vault.useClientAddress("192.0.2.8");
    CHECK(attempt(vault, "b@example.test", kDevice) == 400);
    vault.useClientAddress("192.0.2.7");
    vault.clock().advance(kMinute);
    CHECK(attempt(vault, "b@example.test", kDevice) == 400);
    CHECK(attempt(vault, "b@example.test", kDevice) == 429);
  }
  SUBCASE("by account, whatever the address; its own devices still get in") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    int refused = 0;
    for (int i = 0; i < 10; ++i) {
      vault.useClientAddress("198.51.100." + std::to_string(i));
      if (attempt(vault, alice.email, kDevice) == 429) ++refused;
    }
    CHECK(refused == 8);
    vault.useClientAddress("203.0.113.9");
    vault.logIn(alice.email, alice.passwordHash, alice.device);
  }
  SUBCASE("by device, whatever the address, for whoever knows one of the account's") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    vault.logIn(alice.email, alice.passwordHash, kDevice);
    int refused = 0;
    for (int i = 0; i < 10; ++i) {
      vault.useClientAddress("198.51.100." + std::to_string(i));
      if (attempt(vault, alice.email, alice.device) == 429) ++refused;
    }
    CHECK(refused == 7);
    vault.useClientAddress("203.0.113.9");
    CHECK(vault
              .postForm(kToken,
                        TestVault::passwordForm(alice.email, alice.passwordHash, alice.device))
              .status == 429);
    vault.logIn(alice.email, alice.passwordHash, kDevice);
  }
  SUBCASE("a device that knows the password is not limited but by its address") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    for (int i = 0; i < 10; ++i) {
      vault.useClientAddress("198.51.100." + std::to_string(i));
      vault.logIn(alice.email, alice.passwordHash, alice.device);
    }
  }
  SUBCASE("refreshing is not limited") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    for (int i = 0; i < 20; ++i) {
      CHECK(vault.postForm(kToken, refreshForm(alice.refreshToken)).status == 200);
    }
  }
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

TEST_CASE("sessions survive a restart") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  vault.restart();
  CHECK(alice.get("/api/accounts/profile").status == 200);
  CHECK(vault.postForm(kToken, refreshForm(alice.refreshToken)).status == 200);
}
