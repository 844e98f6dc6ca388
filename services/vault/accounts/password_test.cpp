// SPDX-License-Identifier: BSD-2-Clause
//
// What asks for the master password again, and what ends sessions.
#include "services/vault/testing/test_vault.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

#include <array>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kDevice = "aac2e34a-44db-42ab-a733-5322dd582c3d";

int refreshStatus(TestVault& vault, const TestClient& client) {
  return vault
      .postForm("/identity/connect/token",
                "grant_type=refresh_token&client_id=cli&refresh_token=" + client.refreshToken)
      .status;
}

int loginStatus(TestVault& vault, const std::string& email, const std::string& hash) {
  return vault.postForm("/identity/connect/token", TestVault::passwordForm(email, hash, kDevice))
      .status;
}

json kdf(int iterations) {
  return {
      {"kdfType", 0}, {"iterations", iterations}, {"memory", nullptr}, {"parallelism", nullptr}};
}

// The two objects of a change, under their names there.
json change(const TestClient& client, const json& settings, const std::string& newHash) {
  return {
      {"masterPasswordHash", client.passwordHash},
      {"authenticationData",
       {{"kdf", settings}, {"salt", client.email}, {"masterPasswordAuthenticationHash", newHash}}},
      {"unlockData",
       {{"kdf", settings},
        {"salt", client.email},
        {"masterKeyWrappedUserKey", sealedText(5)},
        {"containedKeyId", "00112233445566778899aabbccddeeff"}}}};
}

// Every session made before has ended, but for what vault-core 3.8 tolerates.
void checkSessionsEnded(TestVault& vault, const TestClient& before) {
  CHECK(before.get("/api/accounts/profile").status == 401);
  CHECK(before.get("/api/sync").status == 401);
  CHECK(refreshStatus(vault, before) == 400);
}

}  // namespace

TEST_CASE("verify-password says yes or no") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const char* route = "/api/accounts/verify-password";
  const auto right = alice.post(route, {{"masterPasswordHash", alice.passwordHash}});
  CHECK(right.status == 200);
  CHECK(right.json()["object"] == "masterPasswordPolicy");
  const auto wrong = alice.post(route, {{"masterPasswordHash", "wrong"}});
  CHECK(wrong.status == 400);
  CHECK(wrong.json()["message"] == "Invalid password.");
  CHECK(alice.post(route, {{"masterPasswordHash", std::string(301, 'x')}}).status == 400);
  CHECK(alice.post(route, json::object()).status == 400);
}

TEST_CASE("a session cannot be used to guess the password") {
  TestVault vault([](VaultOptions& options) { options.loginLimit.burst = 3; });
  const auto alice = vault.signUp("alice@example.test");
  const auto verify = [](const TestClient& client, const std::string& hash) {
    return client.post("/api/accounts/verify-password", {{"masterPasswordHash", hash}}).status;
  };
  for (int i = 0; i < 5; ++i) CHECK(verify(alice, alice.passwordHash) == 200);
  for (int i = 0; i < 3; ++i) CHECK(verify(alice, "x") == 400);
  CHECK(verify(alice, "x") == 429);
  // Nor is the right one told apart now: else the guessing could go on.
  CHECK(verify(alice, alice.passwordHash) == 429);
  CHECK(alice.post("/api/accounts/api-key", {{"masterPasswordHash", alice.passwordHash}}).status ==
        429);

  // The owner's other devices are not locked out by whoever has this session.
  const auto phone = vault.logIn(alice.email, alice.passwordHash, kDevice);
  CHECK(verify(phone, alice.passwordHash) == 200);
  vault.clock().advance(kMinute);
  CHECK(verify(alice, alice.passwordHash) == 200);
}

TEST_CASE("the password is changed in the old and in the new shape") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto other = vault.logIn(alice.email, alice.passwordHash, kDevice);
  json body;
  SUBCASE("old") {
    body = {{"masterPasswordHash", alice.passwordHash},
            {"newMasterPasswordHash", "new hash"},
            {"masterPasswordHint", "hint"},
            {"key", sealedText(5)}};
  }
  SUBCASE("new") {
    body = change(alice, kdf(600'000), "new hash");
    body["masterPasswordHint"] = "hint";
  }
  vault.clock().advance(kSecond);
  const auto reply = alice.post("/api/accounts/password", body);
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());

  checkSessionsEnded(vault, alice);
  checkSessionsEnded(vault, other);
  CHECK(loginStatus(vault, alice.email, alice.passwordHash) == 400);
  const auto again = vault.logIn(alice.email, "new hash", kDevice);
  const auto profile = again.get("/api/accounts/profile").json();
  CHECK(profile["key"] == sealedText(5));
  CHECK(profile["masterPasswordHint"] == "hint");
  CHECK(again.get("/api/devices").json()["data"].size() == 2);
}

TEST_CASE("the web client's old token is good for a few calls after a password change") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  REQUIRE(alice
              .post("/api/accounts/password", {{"masterPasswordHash", alice.passwordHash},
                                               {"newMasterPasswordHash", "new hash"},
                                               {"key", sealedText(5)}})
              .status == 200);
  vault.clock().advance(119 * kSecond);
  for (const std::string& route :
       {std::string("/api/webauthn"), "/api/users/" + alice.userId + "/public-key",
        std::string("/api/accounts/revision-date")}) {
    CHECK(alice.get(route).status == 200);
  }
  CHECK(alice.get("/api/accounts/profile").status == 401);
  vault.clock().advance(2 * kSecond);
  CHECK(alice.get("/api/webauthn").status == 401);
}

TEST_CASE("a password change that does not fit is refused and changes nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto before = alice.revisionDate();
  const auto good = change(alice, kdf(600'000), "new hash");
  const auto refused = [&](const char* pointer, const json& value) {
    auto body = good;
    body[json::json_pointer(pointer)] = value;
    CAPTURE(pointer);
    CHECK(alice.post("/api/accounts/password", body).status == 400);
  };
  refused("/masterPasswordHash", "wrong");
  refused("/masterPasswordHash", nullptr);
  refused("/masterPasswordHash", json::array());
  refused("/masterPasswordHint", std::string(51, 'h'));
  refused("/authenticationData/salt", "other@example.test");
  refused("/unlockData/salt", "other@example.test");
  refused("/unlockData/kdf/iterations", 700'000);
  refused("/unlockData/masterKeyWrappedUserKey", "x");
  refused("/unlockData", nullptr);
  CHECK(alice.post("/api/accounts/password", change(alice, kdf(700'000), "new hash")).status ==
        400);
  CHECK(alice.post("/api/accounts/password", {{"masterPasswordHash", alice.passwordHash}}).status ==
        400);
  CHECK(alice.revisionDate() == before);
  CHECK(loginStatus(vault, alice.email, alice.passwordHash) == 200);
  CHECK(refreshStatus(vault, alice) == 200);
}

TEST_CASE("the KDF is changed in the old and in the new shape") {
  TestVault vault([](VaultOptions& options) { options.minimumClientIterations = 600'000; });
  const auto alice = vault.signUp("alice@example.test");
  json body;
  SUBCASE("old") {
    body = {{"masterPasswordHash", alice.passwordHash},
            {"newMasterPasswordHash", "new hash"},
            {"key", sealedText(5)},
            {"kdf", 1},
            {"kdfIterations", 3},
            {"kdfMemory", 64},
            {"kdfParallelism", 4}};
  }
  SUBCASE("new") {
    body = change(alice, {{"kdfType", 1}, {"iterations", 3}, {"memory", 64}, {"parallelism", 4}},
                  "new hash");
  }
  CHECK(alice.post("/api/accounts/kdf", body).status == 200);
  checkSessionsEnded(vault, alice);
  CHECK(vault.postJson("/identity/accounts/prelogin", {{"email", alice.email}})
            .json()["kdfSettings"] ==
        json{{"kdfType", 1}, {"iterations", 3}, {"memory", 64}, {"parallelism", 4}});
  vault.logIn(alice.email, "new hash", kDevice);
}

TEST_CASE("a KDF that clients could not log in with is refused") {
  TestVault vault([](VaultOptions& options) { options.minimumClientIterations = 600'000; });
  const auto alice = vault.signUp("alice@example.test");
  for (const json& settings :
       {kdf(599'999), kdf(2'000'001), kdf(-1), json{{"kdfType", 2}, {"iterations", 3}},
        json{{"kdfType", 1}, {"iterations", 3}},
        json{{"kdfType", 1}, {"iterations", 3}, {"memory", 8}, {"parallelism", 4}},
        json{{"iterations", 600'000}}, json{{"kdfType", 0}, {"iterations", 4'294'967'297LL}}}) {
    CAPTURE(settings.dump());
    CHECK(alice.post("/api/accounts/kdf", change(alice, settings, "new hash")).status == 400);
  }
  CHECK(loginStatus(vault, alice.email, alice.passwordHash) == 200);
}

TEST_CASE("ending all sessions forgets the devices too") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const char* route = "/api/accounts/security-stamp";
  const auto refused = alice.post(route, {{"masterPasswordHash", "wrong"}});
  CHECK(refused.status == 400);
  CHECK(refused.json()["validationErrors"] == json{{"", {"User verification failed."}}});
  CHECK(alice.post(route, {{"otp", "123456"}}).status == 400);

  CHECK(alice.post(route, {{"MasterPasswordHash", alice.passwordHash}}).status == 200);
  checkSessionsEnded(vault, alice);
  CHECK(alice.get("/api/webauthn").status == 401);  // The tolerance is not for this.
  const auto again = vault.logIn(alice.email, alice.passwordHash, kDevice);
  CHECK(again.get("/api/devices").json()["data"].size() == 1);
}

TEST_CASE("an account is deleted with everything that is its own") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  REQUIRE(alice.post("/api/folders", {{"name", sealedText(3)}}).status == 200);
  const json secret{{"masterPasswordHash", alice.passwordHash}};
  CHECK(alice.remove("/api/accounts", {{"masterPasswordHash", "wrong"}}).status == 400);
  CHECK(alice.get("/api/accounts/profile").status == 200);

  SUBCASE("by DELETE") { CHECK(alice.remove("/api/accounts", secret).status == 200); }
  SUBCASE("by POST") { CHECK(alice.post("/api/accounts/delete", secret).status == 200); }
  CHECK(alice.get("/api/accounts/profile").status == 401);
  CHECK(loginStatus(vault, alice.email, alice.passwordHash) == 400);
  CHECK(bob.get("/api/accounts/profile").status == 200);

  const auto anew = vault.signUp("alice@example.test");  // The address is free again.
  CHECK(anew.userId != alice.userId);
  CHECK(anew.get("/api/folders").json()["data"].empty());
}

TEST_CASE(
    "the API key is shown to who knows the password, and moves the revision when it changes") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const json secret{{"masterPasswordHash", alice.passwordHash}};
  CHECK(alice.post("/api/accounts/api-key").status == 400);
  CHECK(alice.post("/api/accounts/rotate-api-key", {{"masterPasswordHash", "x"}}).status == 400);
  const auto first = alice.post("/api/accounts/api-key", secret).json();
  CHECK(first["object"] == "apiKey");
  CHECK(first["revisionDate"].get<std::string>().size() == 27);
  const auto before = alice.revisionDate();
  CHECK(alice.post("/api/accounts/api-key", secret).json() == first);
  CHECK(alice.revisionDate() == before);
  CHECK(alice.post("/api/accounts/rotate-api-key", secret).json()["apiKey"] != first["apiKey"]);
  CHECK(alice.revisionDate() > before);
  CHECK(alice.get("/api/accounts/profile").status == 200);  // The session goes on.
}

TEST_CASE("clients that ask for the first API key at the same time get the same") {
  TestVault vault;
  for (int round = 0; round < 10; ++round) {
    const auto alice = vault.signUp("alice" + std::to_string(round) + "@example.test");
    std::array<std::string, 4> keys;
    std::vector<std::thread> clients;
    for (auto& key : keys) {
      clients.emplace_back([&] {
        key = alice.post("/api/accounts/api-key", {{"masterPasswordHash", alice.passwordHash}})
                  .json()["apiKey"];
      });
    }
    for (auto& client : clients) client.join();
    for (const auto& key : keys) CHECK(key == keys[0]);
  }
}

TEST_CASE("asking new devices for more can be switched") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const auto method : {http::Method::Put, http::Method::Post}) {
    for (const bool wish : {false, true}) {
      const json body{{"masterPasswordHash", alice.passwordHash}, {"verifyDevices", wish}};
      CHECK(alice.call(method, "/api/accounts/verify-devices", body.dump()).status == 200);
      CHECK(alice.get("/api/accounts/profile").json()["verifyDevices"] == wish);
    }
  }
  CHECK(alice.put("/api/accounts/verify-devices", {{"verifyDevices", false}}).status == 400);
  CHECK(alice.put("/api/accounts/verify-devices", {{"masterPasswordHash", alice.passwordHash}})
            .status == 400);
}
