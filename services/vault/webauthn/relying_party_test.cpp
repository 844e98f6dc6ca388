// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/relying_party.h"

#include "appliance/base/fault.h"
#include "appliance/http/request_builder.h"
#include "services/vault/testing/test_vault.h"
#include "services/vault/webauthn/options_json.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

TEST_CASE("the relying party is the host of the configured origin, or else of the request") {
  struct Row {
    const char* configured;
    const char* asked;
    const char* id;  // "": refused.
    const char* origin;
  };
  constexpr Row kRows[] = {
      {"", "https://vault.example.test", "vault.example.test", "https://vault.example.test"},
      {"", "https://localhost:8443", "localhost", "https://localhost:8443"},
      {"", "http://localhost", "localhost", "http://localhost"},
      {"https://Vault.Example.Test:443", "https://192.0.2.1", "vault.example.test",
       "https://vault.example.test"},
      {"https://vault.example.test:8443", "https://other.example.test", "vault.example.test",
       "https://vault.example.test:8443"},
      {"", "https://192.0.2.1", "", ""},
      {"", "https://192.0.2.1:8443", "", ""},
      {"", "https://[2001:db8::1]", "", ""},
      {"", "https://[2001:db8::1]:8443", "", ""},
      {"https://192.0.2.1", "https://vault.example.test", "", ""},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.configured);
    CAPTURE(row.asked);
    TestVault vault([&](VaultOptions& options) { options.origin = row.configured; });
    const auto mount = std::make_shared<http::MountPoint>();
    http::RequestBuilder builder;
    builder.target("/", mount).origin(row.asked, true);
    const auto request = builder.build();
    const auto& context = vault.service().context();
    if (*row.id == '\0') {
      CHECK_THROWS_AS(relyingParty(context, request), BadRequest);
    } else {
      const auto party = relyingParty(context, request);
      CHECK(party.id == row.id);
      CHECK(party.origin == row.origin);
    }
    const bool isAddress = std::string(row.configured) == "https://192.0.2.1";
    CHECK(canUseWebAuthn(context.options) == !isAddress);
  }
}

TEST_CASE("a user's handle is the sixteen bytes of the id, and leads back to it") {
  const std::string id = "00112233-4455-6677-8899-aabbccddeeff";
  CHECK(toHex(userHandleOf(id)) == "00112233445566778899aabbccddeeff");
  CHECK(userIdOf(userHandleOf(id)) == id);
  CHECK_FALSE(userIdOf("short"));
  CHECK_FALSE(userIdOf(std::string(17, 'x')));
}

TEST_CASE("GET /app-id.json and the apple file say which apps may use the keys") {
  TestVault vault(
      [](VaultOptions& options) { options.origin = "https://vault.example.test:8443"; });
  const auto appId = vault.call(http::Method::Get, "/app-id.json");
  CHECK(appId.status == 200);
  CHECK(appId.header("Content-Type") == "application/fido.trusted-apps+json");
  const auto facets = appId.json()["trustedFacets"][0];
  CHECK(facets["version"] == nlohmann::json{{"major", 1}, {"minor", 0}});
  CHECK(facets["ids"] == nlohmann::json{"https://vault.example.test:8443",
                                        "ios:bundle-id:com.8bit.bitwarden",
                                        "android:apk-key-hash:dUGFzUzf3lmHSLBDBIv+WaFyZMI"});
  const auto apple = vault.call(http::Method::Get, "/.well-known/apple-app-site-association");
  CHECK(apple.status == 200);
  CHECK(apple.header("Content-Type").starts_with("application/json"));
  CHECK(apple.json()["webcredentials"]["apps"].size() == 2);
}
