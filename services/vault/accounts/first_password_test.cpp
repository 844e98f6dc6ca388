// SPDX-License-Identifier: BSD-2-Clause
//
// Passwords that take the place of none, or of one that somebody else set.
#include "appliance/base/random.h"
#include "services/vault/identity/identity_harness.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

// Changes the account's row behind the server's back.
template <typename F>
void rewrite(TestVault& vault, const TestClient& client, F&& change) {
  vault.database().write([&](storage::Transaction& tx) {
    storage::UserStore users(tx);
    auto user = *users.findById(client.userId);
    change(user, users);
  });
}

void emptyPassword(TestVault& vault, const TestClient& client) {
  rewrite(vault, client, [](const storage::User& user, storage::UserStore& users) {
    storage::PasswordChange none;
    none.kdf = user.kdf;
    none.securityStamp = user.securityStamp;
    REQUIRE(users.setPassword(user.id, none, user.revisedAt));
    REQUIRE(users.setKeys(user.id, {}, user.revisedAt));
  });
}

}  // namespace

TEST_CASE("an account without a password gets its first one and its keys") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  emptyPassword(vault, alice);
  json form{{"masterPasswordHash", "first"},
            {"key", sealedText(3)},
            {"kdf", 0},
            {"kdfIterations", 600'000},
            {"keys", {{"publicKey", publicKeyText()}, {"encryptedPrivateKey", sealedText(4)}}},
            {"orgIdentifier", "none"}};
  SUBCASE("in the old shape") {}
  SUBCASE("in the new one") {
    const json kdf{{"kdfType", 0}, {"iterations", 600'000}};
    form = {{"masterPasswordAuthentication",
             {{"kdf", kdf}, {"salt", alice.email}, {"masterPasswordAuthenticationHash", "first"}}},
            {"masterPasswordUnlock",
             {{"kdf", kdf}, {"salt", alice.email}, {"masterKeyWrappedUserKey", sealedText(3)}}},
            {"accountKeys",
             {{"userKeyEncryptedAccountPrivateKey", sealedText(4)},
              {"accountPublicKey", publicKeyText()}}}};
  }
  vault.takeUpdates();
  const auto reply = alice.post("/api/accounts/set-password", form);
  REQUIRE(reply.status == 200);
  CHECK(reply.json() == json{{"object", "set-password"}, {"captchaBypassToken", ""}});
  CHECK(vault.takeUpdates().empty());
  CHECK(alice.get("/api/accounts/revision-date").status == 200);  // Tolerated for a while.
  const auto again = vault.logIn(alice.email, "first", kDevice);
  CHECK(again.get("/api/accounts/profile").json()["privateKey"] == sealedText(4));
  CHECK(again.post("/api/accounts/set-password", form).json()["message"] ==
        "Account already initialized, cannot set password");
}

TEST_CASE("a temporary password is replaced without being known, and every session ends") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const json form{{"newMasterPasswordHash", "mine"}, {"key", sealedText(6)}};
  for (const char* route :
       {"/api/accounts/update-temp-password", "/api/accounts/update-tde-offboarding-password"}) {
    const auto reply = alice.put(route, form);
    CHECK(reply.status == 400);
    CHECK(reply.json()["message"] == "The master password is not a temporary one.");
  }
  CHECK(vault.logIn(alice.email, alice.passwordHash, kDevice).userId == alice.userId);
}

TEST_CASE("the one who must replace a temporary password does so, and logs in anew") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  auto row = userOf(vault, alice.email);
  row.id = randomUuid();
  row.email = "temporary@example.test";
  row.forcePasswordReset = true;
  vault.database().write([&](storage::Transaction& tx) { storage::UserStore(tx).insert(row); });
  const auto guest = vault.logIn(row.email, alice.passwordHash, kDevice);
  CHECK(guest.get("/api/accounts/profile").json()["forcePasswordReset"] == true);

  vault.takeUpdates();
  REQUIRE(guest
              .put("/api/accounts/update-temp-password",
                   {{"newMasterPasswordHash", "mine"}, {"key", sealedText(6)}})
              .status == 200);
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::LogOut);
  CHECK(updates[0].actingDevice.empty());
  CHECK(guest.get("/api/accounts/revision-date").status == 401);
  const auto again = vault.logIn(row.email, "mine", kDevice);
  CHECK(again.get("/api/accounts/profile").json()["forcePasswordReset"] == false);
}
