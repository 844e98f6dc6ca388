// SPDX-License-Identifier: BSD-2-Clause
//
// What other devices are told of an account's changes.
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

// The one message a change caused.
Update onlyUpdate(TestVault& vault) {
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  return updates[0];
}

}  // namespace

TEST_CASE("what clients show of an account is told to the other devices") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto check = [&](const Reply& reply) {
    REQUIRE(reply.status == 200);
    const auto update = onlyUpdate(vault);
    CHECK(update.type == UpdateType::Settings);
    CHECK(update.userId == alice.userId);
    CHECK(update.actingDevice == alice.device);
    CHECK(update.date / 1000 == alice.revisionDate());
  };
  check(alice.put("/api/accounts/avatar", {{"avatarColor", "#102030"}}));
  check(alice.post(
      "/api/accounts/key-management/regenerate-keys",
      {{"userPublicKey", publicKeyText()}, {"userKeyEncryptedUserPrivateKey", sealedText(4)}}));
}

TEST_CASE("a change of the password or its KDF logs every device out but the one that made it") {
  TestVault vault;
  auto alice = vault.signUp("alice@example.test");
  json form{{"masterPasswordHash", alice.passwordHash},
            {"newMasterPasswordHash", "new"},
            {"key", sealedText(5)}};
  const char* route = "/api/accounts/password";
  SUBCASE("password") {}
  SUBCASE("KDF") {
    route = "/api/accounts/kdf";
    form["kdf"] = 0;
    form["kdfIterations"] = 700'000;
  }
  REQUIRE(alice.post(route, form).status == 200);
  const auto update = onlyUpdate(vault);
  CHECK(update.type == UpdateType::LogOut);
  CHECK(update.actingDevice == alice.device);
  CHECK(update.userId == alice.userId);
}

TEST_CASE("the end of all sessions is told to all devices") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  REQUIRE(alice.post("/api/accounts/security-stamp", {{"masterPasswordHash", alice.passwordHash}})
              .status == 200);
  const auto update = onlyUpdate(vault);
  CHECK(update.type == UpdateType::LogOut);
  CHECK(update.actingDevice.empty());
}

TEST_CASE("what was refused is told to nobody") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.put("/api/accounts/avatar", {{"avatarColor", "red"}}).status == 400);
  CHECK(alice.post("/api/accounts/security-stamp", {{"masterPasswordHash", "wrong"}}).status ==
        400);
  CHECK(alice
            .post("/api/accounts/password", {{"masterPasswordHash", "wrong"},
                                             {"newMasterPasswordHash", "new"},
                                             {"key", sealedText(5)}})
            .status == 400);
  CHECK(vault.takeUpdates().empty());
}
