// SPDX-License-Identifier: BSD-2-Clause
//
// How long a session lasts, and what ends it.
#include "services/vault/identity/identity_harness.h"
#include "services/vault/vault_metrics.h"
#include "storage/stores/device_store.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

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

TEST_CASE("sessions survive a restart") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  vault.restart();
  CHECK(alice.get("/api/accounts/profile").status == 200);
  CHECK(vault.postForm(kToken, refreshForm(alice.refreshToken)).status == 200);
}
