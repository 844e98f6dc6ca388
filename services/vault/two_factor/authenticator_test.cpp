// SPDX-License-Identifier: BSD-2-Clause
//
// Codes of an authenticator app: setting up, logging in, using one twice.
#include "appliance/base/log.h"
#include "services/vault/two_factor/factor_harness.h"

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kGet = "/api/two-factor/get-authenticator";
constexpr const char* kPut = "/api/two-factor/authenticator";

}  // namespace

TEST_CASE("a key is offered, and nothing is enabled before a code of it was shown") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto first = alice.post(kGet, secretOf(alice)).json();
  CHECK(first["enabled"] == false);
  CHECK(first["object"] == "twoFactorAuthenticator");
  CHECK(first["authenticator"] == Json{{"enabled", false}, {"key", first["key"]}});
  CHECK(first["userVerificationToken"].is_string());
  const auto second = alice.post(kGet, secretOf(alice)).json();
  CHECK(second["key"] != first["key"]);
  CHECK_FALSE(isSecured(alice));
  CHECK(alice.get("/api/two-factor").json()["data"].empty());

  const auto before = alice.revisionDate();
  const auto key = enableAuthenticator(alice);
  CHECK(isSecured(alice));
  CHECK(alice.revisionDate() > before);
  CHECK(alice.get("/api/two-factor").json() ==
        Json{{"data", {{{"enabled", true}, {"type", 0}, {"object", "twoFactorProvider"}}}},
             {"continuationToken", nullptr},
             {"object", "list"}});
  const auto again = alice.post(kGet, secretOf(alice)).json();
  CHECK(again["enabled"] == true);
  CHECK(again["key"] == key);
}

TEST_CASE("enabling answers both generations of clients") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto offered = alice.post(kGet, secretOf(alice)).json();
  const std::string key = offered["key"];
  Json body = {{"key", toLowerAscii(key)}};
  SUBCASE("with the password and the code as text") {
    body["masterPasswordHash"] = alice.passwordHash;
    body["token"] = codeNow(vault, key);
  }
  SUBCASE("with the password and the code as a number") {
    body["masterPasswordHash"] = alice.passwordHash;
    body["token"] = std::stoi(codeNow(vault, key));
  }
  SUBCASE("with the token of the answer before") {
    body["userVerificationToken"] = offered["userVerificationToken"];
    body["token"] = codeNow(vault, key);
  }
  SUBCASE("with both, as clients of 2024") {
    body["masterPasswordHash"] = alice.passwordHash;
    body["userVerificationToken"] = offered["userVerificationToken"];
    body["token"] = codeNow(vault, key);
  }
  const auto reply = alice.post(kPut, body);
  REQUIRE(reply.status == 200);
  CHECK(reply.json() == Json{{"enabled", true},
                             {"key", key},
                             {"authenticator", {{"enabled", true}, {"key", key}}},
                             {"object", "twoFactorAuthenticatorUpdate"}});
}

TEST_CASE("a code that lost its zeros on the way is a code") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::string key = alice.post(kGet, secretOf(alice)).json()["key"];
  while (codeNow(vault, key)[0] != '0') vault.clock().advance(30 * kSecond);
  const auto fresh = vault.logIn(alice.email, alice.passwordHash, alice.device);
  const int number = std::stoi(codeNow(vault, key));
  CHECK(fresh.put(kPut, secretOf(alice, {{"key", key}, {"token", number}})).status == 200);
}

TEST_CASE("what does not prove the key enables nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto offered = alice.post(kGet, secretOf(alice)).json();
  const std::string key = offered["key"];
  const std::string code = codeNow(vault, key);
  const Json uvt = offered["userVerificationToken"];
  const Json otherKey = mallory.post(kGet, secretOf(mallory)).json()["key"];
  const std::string otherCode = codeNow(vault, otherKey);
  const Json bodies[] = {
      secretOf(alice),
      secretOf(alice, {{"key", key}}),
      secretOf(alice, {{"key", key}, {"token", ""}}),
      secretOf(alice, {{"key", key}, {"token", "000000"}}),
      secretOf(alice, {{"key", key}, {"token", "abcdef"}}),
      secretOf(alice, {{"key", key}, {"token", code + "0"}}),
      secretOf(alice, {{"key", key}, {"token", -5}}),
      secretOf(alice, {{"key", key}, {"token", 1.5}}),
      secretOf(alice, {{"key", "AAAA"}, {"token", code}}),
      secretOf(alice, {{"key", key.substr(1)}, {"token", code}}),
      secretOf(alice, {{"key", 12}, {"token", code}}),
      {{"key", key}, {"token", code}},
      {{"key", key}, {"token", code}, {"masterPasswordHash", "wrong"}},
      {{"key", key}, {"token", code}, {"userVerificationToken", "wrong"}},
      {{"key", otherKey}, {"token", otherCode}, {"userVerificationToken", uvt}},
  };
  for (const auto& body : bodies) {
    CAPTURE(body.dump());
    CHECK(alice.put(kPut, body).status == 400);
  }
  const Json stolen = {{"key", key}, {"token", code}, {"userVerificationToken", uvt}};
  CHECK(mallory.put(kPut, stolen).status == 400);
  CHECK_FALSE(isSecured(alice));
  CHECK_FALSE(isSecured(mallory));
  CHECK(alice.put(kPut, stolen).status == 200);
}

TEST_CASE("the token of a set-up ends with its half hour and its session") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto offered = alice.post(kGet, secretOf(alice)).json();
  const std::string key = offered["key"];
  const auto enable = [&](const TestClient& client) {
    return client
        .put(kPut, {{"key", key},
                    {"token", codeNow(vault, key)},
                    {"userVerificationToken", offered["userVerificationToken"]}})
        .status;
  };
  SUBCASE("after half an hour") {
    vault.clock().advance(30 * kMinute + 31 * kSecond);
    CHECK(enable(alice) == 400);
  }
  SUBCASE("on another device of the account") {
    CHECK(enable(vault.logIn(alice.email, alice.passwordHash, kDevice)) == 400);
  }
  SUBCASE("after the sessions were ended") {
    REQUIRE(alice.post("/api/accounts/security-stamp", secretOf(alice)).status == 200);
    CHECK(enable(vault.logIn(alice.email, alice.passwordHash, alice.device)) == 400);
  }
  SUBCASE("and not before") {
    vault.clock().advance(29 * kMinute);
    CHECK(enable(alice) == 200);
  }
}

TEST_CASE("one code opens one login, and the one of the set-up none") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  const auto attempt = [&](const std::string& code, const char* device = kDevice) {
    return tryLogin(alice, device, {.provider = 0, .token = code});
  };
  CHECK(isWrongFactor(attempt(codeNow(vault, key))));
  const auto earlier = codeNow(vault, key);
  const auto code = nextCode(vault, key);
  CHECK(attempt(code).status == 200);
  CHECK(isWrongFactor(attempt(code)));
  CHECK(isWrongFactor(attempt(code, "another device")));
  CHECK(isWrongFactor(attempt(earlier)));
  CHECK(attempt(nextCode(vault, key)).status == 200);
}

TEST_CASE("of many logins with one code at the same moment one succeeds") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  const auto code = nextCode(vault, key);
  std::atomic<int> granted = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&, i] {
        const auto reply =
            tryLogin(alice, "device-" + std::to_string(i), {.provider = 0, .token = code});
        if (reply.status == 200) ++granted;
        if (isWrongFactor(reply)) ++refused;
      });
    }
  }
  CHECK(granted == 1);
  CHECK(refused == 7);
}

TEST_CASE("clocks that differ by half a minute are borne, unless the owner says otherwise") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  vault.clock().advance(kMinute);
  const auto now = vault.clock().now();
  const auto attempt = [&](UnixMicros at) {
    return tryLogin(alice, kDevice, {.provider = 0, .token = totpCode(key, at)}).status;
  };
  SUBCASE("borne") {
    CHECK(attempt(now - kMinute) == 400);
    CHECK(attempt(now + kMinute) == 400);
    CHECK(attempt(now - 30 * kSecond) == 200);
    CHECK(attempt(now + 30 * kSecond) == 200);
    CHECK(attempt(now) == 400);  // An earlier step than the last one used.
  }
  SUBCASE("not borne") {
    vault.restart([](VaultOptions& options) { options.authenticatorDrift = false; });
    CHECK(attempt(now - 30 * kSecond) == 400);
    CHECK(attempt(now + 30 * kSecond) == 400);
    CHECK(attempt(now) == 200);
  }
}

TEST_CASE(
    "a wrong code is logged in the line that log filters know, and answered like a password") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  enableAuthenticator(alice);
  const auto file = vault.folder() / "vault.log";
  log::Options toFile;
  toFile.file = file.string();
  log::configure(toFile);
  vault.useClientAddress("203.0.113.9");
  const auto reply = tryLogin(alice, kDevice, {.provider = 0, .token = "000000"});
  log::configure({});
  CHECK(reply.json()["error_description"] == "invalid_username_or_password");
  CHECK(reply.json()["ErrorModel"]["Message"] == "Two-step token is invalid. Try again.");

  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CAPTURE(text);
  const auto now = formatIsoDate(vault.clock().now());
  CHECK(text.find("Invalid TOTP code! Server time: " + now.substr(0, 10) + " " + now.substr(11, 8) +
                  " UTC IP: 203.0.113.9\n") != std::string::npos);
  CHECK(text.find("000000") == std::string::npos);
}

TEST_CASE("an authenticator is disabled by whoever knows its key and proves who they are") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  const Json gone = {{"enabled", false}, {"type", 0}, {"keys", 0}, {"object", "twoFactorProvider"}};
  SUBCASE("by DELETE with the password") {
    CHECK(alice.remove(kPut, secretOf(alice)).status == 400);
    const std::string other(32, 'A');
    CHECK(alice.remove(kPut, secretOf(alice, {{"key", other}})).status == 400);
    CHECK(alice.remove(kPut, {{"key", key}, {"masterPasswordHash", "wrong"}}).status == 400);
    CHECK(isSecured(alice));
    const auto reply =
        alice.remove(kPut, secretOf(alice, {{"key", toLowerAscii(key)}, {"type", 0}}));
    CHECK(reply.status == 200);
    CHECK(reply.json() == gone);
  }
  SUBCASE("by DELETE with the token of the set-up") {
    const auto uvt = alice.post(kGet, secretOf(alice)).json()["userVerificationToken"];
    CHECK(alice.remove(kPut, {{"key", key}, {"userVerificationToken", uvt}}).json() == gone);
  }
  SUBCASE("by the route for every kind, the number as text") {
    CHECK(alice.put("/api/two-factor/disable", secretOf(alice, {{"type", "x"}})).status == 400);
    CHECK(alice.put("/api/two-factor/disable", secretOf(alice, {{"type", 1000}})).status == 400);
    CHECK(alice.put("/api/two-factor/disable", {{"type", 0}}).status == 400);
    CHECK(isSecured(alice));
    CHECK(alice.post("/api/two-factor/disable", secretOf(alice, {{"type", "0"}})).json() == gone);
  }
  CHECK_FALSE(isSecured(alice));
  CHECK(tryLogin(alice, kDevice).status == 200);
  CHECK(alice.remove(kPut, secretOf(alice, {{"key", key}})).status == 400);
}

TEST_CASE("enabling the same key again does not make a used code good") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  const auto code = nextCode(vault, key);
  REQUIRE(tryLogin(alice, kDevice, {.provider = 0, .token = code}).status == 200);
  CHECK(alice.put(kPut, secretOf(alice, {{"key", key}, {"token", code}})).status == 400);
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {.provider = 0, .token = code})));
  const auto next = nextCode(vault, key);
  CHECK(alice.put(kPut, secretOf(alice, {{"key", key}, {"token", next}})).status == 200);
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {.provider = 0, .token = next})));
}
