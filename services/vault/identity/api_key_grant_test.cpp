// SPDX-License-Identifier: BSD-2-Clause
//
// A login with the personal API key.
#include "services/vault/identity/identity_harness.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

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
