// SPDX-License-Identifier: BSD-2-Clause
//
// Before a login: how the client is to derive its key.
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

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
    CHECK(vault.postJson(route, json::object()).status == 400);
  }
}

TEST_CASE("an address without an account looks like one of those that have one, every time") {
  TestVault vault;
  const auto settingsOf = [&](const std::string& email) {
    const auto reply = vault.postJson("/identity/accounts/prelogin/password", {{"email", email}});
    CHECK(reply.status == 200);
    return reply.json()["kdfSettings"];
  };
  const json standard =
      json::parse(R"({"kdfType":0,"iterations":600000,"memory":null,"parallelism":null})");
  CHECK(settingsOf("nobody@example.test") == standard);  // There is nobody to look like.

  for (int i = 0; i < 8; ++i) {
    auto body = TestVault::registrationBody(std::to_string(i) + "@example.test", "hash");
    if (i % 2 == 0) body["kdfIterations"] = 700'000;
    REQUIRE(vault.postJson("/api/accounts/register", body).status == 200);
  }
  int strong = 0;
  for (int i = 0; i < 64; ++i) {
    const std::string email = "nobody" + std::to_string(i) + "@example.test";
    const auto settings = settingsOf(email);
    CHECK(settings == settingsOf(" " + email));
    if (settings["iterations"] == 700'000) ++strong;
  }
  CHECK(strong > 0);
  CHECK(strong < 64);

  const auto before = settingsOf("nobody1@example.test");
  vault.restart();
  CHECK(settingsOf("nobody1@example.test") == before);
}
