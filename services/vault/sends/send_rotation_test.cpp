// SPDX-License-Identifier: BSD-2-Clause
//
// Sends in a change of the user key.
#include "services/vault/sends/send_harness.h"

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

json rotation(const TestClient& client, const json& sends) {
  return {
      {"oldMasterKeyAuthenticationHash", client.passwordHash},
      {"accountUnlockData",
       {{"masterPasswordUnlockData",
         {{"kdfType", 0},
          {"kdfIterations", 600'000},
          {"email", client.email},
          {"masterKeyAuthenticationHash", client.passwordHash},
          {"masterKeyEncryptedUserKey", sealedText(25)}}}}},
      {"accountKeys",
       {{"userKeyEncryptedAccountPrivateKey", sealedText(26)},
        {"accountPublicKey", publicKeyText()}}},
      {"accountData", {{"ciphers", json::array()}, {"folders", json::array()}, {"sends", sends}}}};
}

constexpr const char* kRoute = "/api/accounts/key-management/rotate-user-account-keys";

// As clients send it: what they were told, sealed anew, the marker of the password with it.
json resealed(json send, int n) {
  send["key"] = sealedText(n);
  send["name"] = sealedText(n + 1);
  return send;
}

}  // namespace

TEST_CASE("a new user key seals every Send anew and leaves passwords alone") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto text = addSend(alice, textSend(vault, {{"password", kSendPassword}}));
  const auto file = addFile(vault, alice, "bytes");
  const auto waiting = alice.post("/api/sends/file/v2", fileSend(vault, 5)).json();
  vault.clock().advance(kSecond);

  SUBCASE("all of them sent") {
    auto changed = resealed(text, 30);
    changed["text"]["text"] = sealedText(40);
    auto untouched = resealed(file, 50);
    untouched["file"]["fileName"] = sealedText(60);
    json unknown = resealed(text, 70);
    unknown["id"] = "0f01a66f-7802-42bc-9647-a82600f11e10";
    const auto reply = alice.post(kRoute, rotation(alice, {changed, untouched, unknown}));
    REQUIRE_MESSAGE(reply.status == 200, reply.body);
    const auto again = vault.logIn(alice.email, alice.passwordHash, alice.device);
    auto stored = again.get(pathOf(text)).json();
    CHECK(stored["key"] == sealedText(30));
    CHECK(stored["name"] == sealedText(31));
    CHECK(stored["text"] == json{{"text", sealedText(40)}, {"hidden", true}});
    CHECK(stored["authType"] == 1);
    CHECK(stored["revisionDate"] > text["revisionDate"]);
    stored = again.get(pathOf(file)).json();
    CHECK(stored["key"] == sealedText(50));
    CHECK(stored["file"] == file["file"]);
    CHECK(readOld(vault, text, {{"password", kSendPassword}}).status == 200);
    CHECK(again.get("/api/sends").json()["data"].size() == 2);
    CHECK(again.get(pathOf(waiting["sendResponse"])).status == 404);
  }
  SUBCASE("one left out") {
    CHECK(alice.post(kRoute, rotation(alice, json::array({resealed(text, 30)}))).status == 400);
    CHECK(alice.post(kRoute, rotation(alice, json::array())).status == 400);
    CHECK(alice.get(pathOf(text)).json() == text);
    CHECK(alice.get(pathOf(waiting["sendResponse"])).status == 200);
  }
  SUBCASE("one of somebody else") {
    const auto mallory = vault.signUp("mallory@example.test");
    CHECK(mallory.post(kRoute, rotation(mallory, json::array({resealed(text, 30)}))).status == 200);
    CHECK(alice.get(pathOf(text)).json() == text);
  }
  SUBCASE("one that no client could read again") {
    auto broken = resealed(text, 30);
    broken["key"] = "clear";
    CHECK(alice.post(kRoute, rotation(alice, {broken, resealed(file, 50)})).status == 400);
    CHECK(alice.get(pathOf(text)).json() == text);
  }
}

}  // namespace coffer::vault::testing
