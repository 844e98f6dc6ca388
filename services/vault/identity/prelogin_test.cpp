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
    const auto unknown = vault.postJson(route, {{"Email", "nobody@example.test"}});
    CHECK(unknown.status == 200);
    CHECK(unknown.json() ==
          json::parse(R"({"kdf":0,"kdfIterations":600000,"kdfMemory":null,"kdfParallelism":null,
             "kdfSettings":{"kdfType":0,"iterations":600000,"memory":null,"parallelism":null},
             "salt":null})"));
    CHECK(vault.postJson(route, json::object()).status == 400);
  }
}
