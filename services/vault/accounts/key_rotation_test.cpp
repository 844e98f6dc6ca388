// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

#include <functional>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kRoute = "/api/accounts/key-management/rotate-user-account-keys";

json login(int n) {
  return {{"type", 1}, {"name", sealedText(n)}, {"login", {{"username", sealedText(n + 1)}}}};
}

// An account with two items, one of them in the trash, and a folder; and the request that seals all
// of it anew.
struct Scene {
  Scene() {
    folder = alice.post("/api/folders", {{"name", sealedText(10)}}).json()["id"];
    auto filed = login(11);
    filed["folderId"] = folder;
    filed["favorite"] = true;
    item = alice.post("/api/ciphers", filed).json()["id"];
    trashed = alice.post("/api/ciphers", login(13)).json()["id"];
    REQUIRE(alice.put("/api/ciphers/" + trashed + "/delete").status == 200);
    auto newItem = login(21);
    newItem["id"] = item;
    auto newTrashed = login(23);
    newTrashed["id"] = trashed;
    request = {{"oldMasterKeyAuthenticationHash", alice.passwordHash},
               {"accountUnlockData",
                {{"masterPasswordUnlockData",
                  {{"kdfType", 0},
                   {"kdfIterations", 600'000},
                   {"email", alice.email},
                   {"masterKeyAuthenticationHash", "new hash"},
                   {"masterKeyEncryptedUserKey", sealedText(25)}}},
                 {"emergencyAccessUnlockData", json::array()},
                 {"deviceKeyUnlockData", json::array()}}},
               {"accountKeys",
                {{"userKeyEncryptedAccountPrivateKey", sealedText(26)},
                 {"accountPublicKey", publicKeyText()}}},
               {"accountData",
                {{"ciphers", {newItem, newTrashed}},
                 {"folders",
                  {{{"id", folder}, {"name", sealedText(20)}}, {{"id", ""}, {"name", nullptr}}}},
                 {"sends", json::array()}}},
               {"newUserKeyId", "7ec1569a644923709085ec8aace9d916"}};
  }

  TestVault vault;
  TestClient alice = vault.signUp("alice@example.test");
  std::string folder;
  std::string item;
  std::string trashed;
  json request;
};

}  // namespace

TEST_CASE("a rotation replaces everything that was sealed and nothing else") {
  Scene scene;
  const auto& alice = scene.alice;
  const auto before = alice.get("/api/ciphers/" + scene.item).json();
  scene.vault.clock().advance(kSecond);

  const auto reply = alice.post(kRoute, scene.request);
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(alice.get("/api/sync").status == 401);

  const auto again = scene.vault.logIn(alice.email, "new hash", alice.device);
  const auto sync = again.get("/api/sync").json();
  CHECK(sync["profile"]["key"] == sealedText(25));
  CHECK(sync["profile"]["privateKey"] == sealedText(26));
  CHECK(sync["userDecryption"]["userKeyId"] == "7ec1569a644923709085ec8aace9d916");
  CHECK(sync["folders"][0]["name"] == sealedText(20));
  REQUIRE(sync["ciphers"].size() == 2);
  const auto& item = sync["ciphers"][0];
  CHECK(item["name"] == sealedText(21));
  CHECK(item["login"]["username"] == sealedText(22));
  CHECK(item["folderId"] == scene.folder);
  CHECK(item["favorite"] == true);
  CHECK(item["creationDate"] == before["creationDate"]);
  CHECK(item["revisionDate"] > before["revisionDate"]);
  CHECK(sync["ciphers"][1]["name"] == sealedText(23));
  CHECK(sync["ciphers"][1]["deletedDate"] != nullptr);
}

TEST_CASE("the rotation of old clients keeps the password") {
  Scene scene;
  const auto& data = scene.request["accountData"];
  const json request{{"masterPasswordHash", scene.alice.passwordHash},
                     {"key", sealedText(25)},
                     {"privateKey", sealedText(26)},
                     {"ciphers", data["ciphers"]},
                     {"folders", data["folders"]},
                     {"sends", json::array()}};
  CHECK(scene.alice.post("/api/accounts/key", request).status == 200);
  const auto again = scene.vault.logIn(scene.alice.email, scene.alice.passwordHash, "device");
  CHECK(again.get("/api/accounts/profile").json()["key"] == sealedText(25));
  CHECK(again.get("/api/folders/" + scene.folder).json()["name"] == sealedText(20));
}

TEST_CASE("a rotation that misses or invents anything is refused and changes nothing") {
  Scene scene;
  const auto& alice = scene.alice;
  const auto bob = scene.vault.signUp("bob@example.test");
  const std::string bobs = bob.post("/api/ciphers", login(30)).json()["id"];
  const auto before = alice.get("/api/sync").body;

  struct Row {
    const char* why;
    std::function<void(json&)> change;
  };
  for (const Row& row : {
           Row{"wrong password", [](json& r) { r["oldMasterKeyAuthenticationHash"] = "wrong"; }},
           Row{"an item is missing", [](json& r) { r["accountData"]["ciphers"].erase(0); }},
           Row{"the trash is missing", [](json& r) { r["accountData"]["ciphers"].erase(1); }},
           Row{"a folder is missing", [](json& r) { r["accountData"]["folders"].erase(0); }},
           Row{"no data", [](json& r) { r.erase("accountData"); }},
           Row{"somebody else's item",
               [&](json& r) {
                 auto theirs = login(31);
                 theirs["id"] = bobs;
                 r["accountData"]["ciphers"].push_back(theirs);
               }},
           Row{"an item without id", [](json& r) { r["accountData"]["ciphers"][0].erase("id"); }},
           Row{"a folder that does not exist",
               [](json& r) {
                 r["accountData"]["folders"].push_back(
                     {{"id", "0f01a66f-7802-42bc-9647-a82600f11e10"}, {"name", sealedText(1)}});
               }},
           Row{"an item that is not sealed",
               [](json& r) { r["accountData"]["ciphers"][1]["name"] = "clear"; }},
           Row{"another KDF",
               [](json& r) {
                 r["accountUnlockData"]["masterPasswordUnlockData"]["kdfIterations"] = 700'000;
               }},
           Row{"another address",
               [](json& r) {
                 r["accountUnlockData"]["masterPasswordUnlockData"]["email"] = "b@example.test";
               }},
           Row{"another key pair", [](json& r) { r["accountKeys"]["accountPublicKey"] = "QUFB"; }},
           Row{"a device that is not trusted",
               [&](json& r) {
                 r["accountUnlockData"]["deviceKeyUnlockData"] = {
                     {{"deviceId", alice.device},
                      {"encryptedUserKey", "4.AAAA"},
                      {"encryptedPublicKey", sealedText(1)}}};
               }},
       }) {
    CAPTURE(row.why);
    auto request = scene.request;
    row.change(request);
    CHECK(alice.post(kRoute, request).status == 400);
    CHECK(alice.get("/api/sync").body == before);
  }
  CHECK(bob.get("/api/ciphers/" + bobs).json()["name"] == sealedText(30));
  CHECK(alice.post(kRoute, scene.request).status == 200);
}

TEST_CASE("items of organizations in a rotation are left alone") {
  Scene scene;
  auto foreign = login(40);
  foreign["id"] = "0f01a66f-7802-42bc-9647-a82600f11e10";
  foreign["organizationId"] = "4c2869dd-0e1c-499f-b116-a824016df251";
  scene.request["accountData"]["ciphers"].push_back(foreign);
  CHECK(scene.alice.post(kRoute, scene.request).status == 200);
}

TEST_CASE("the web client rotates with the token from before its password change") {
  Scene scene;
  REQUIRE(scene.alice
              .post("/api/accounts/password", {{"masterPasswordHash", scene.alice.passwordHash},
                                               {"newMasterPasswordHash", "between"},
                                               {"key", sealedText(5)}})
              .status == 200);
  scene.request["oldMasterKeyAuthenticationHash"] = "between";
  CHECK(scene.alice.post(kRoute, scene.request).status == 200);
  scene.vault.logIn(scene.alice.email, "new hash", scene.alice.device);
}
