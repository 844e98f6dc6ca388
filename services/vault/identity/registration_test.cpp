// SPDX-License-Identifier: BSD-2-Clause
//
// Who may register, in one step or two, and what is refused.
#include "services/vault/identity/identity_harness.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

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

TEST_CASE("of several who come first at the same time one gets the account") {
  for (int round = 0; round < 8; ++round) {
    TestVault vault([](VaultOptions& options) { options.signups = SignupPolicy::First; });
    std::atomic<int> made = 0;
    {
      std::vector<std::jthread> clients;
      for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&vault, &made, i] {
          const auto body =
              TestVault::registrationBody(std::to_string(i) + "@example.test", "hash");
          if (vault.postJson("/api/accounts/register", body).status == 200) ++made;
        });
      }
    }
    CHECK(made == 1);
    CHECK(vault.database().read(
              [](storage::Transaction& tx) { return storage::UserStore(tx).count(); }) == 1);
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
