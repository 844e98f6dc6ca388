// SPDX-License-Identifier: BSD-2-Clause
//
// The second step of a login, whatever the factor.
#include "services/vault/two_factor/second_factors.h"

#include "services/vault/two_factor/factor_harness.h"
#include "services/vault/two_factor/recovery_code.h"
#include "storage/stores/device_store.h"

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using Json = nlohmann::json;

namespace {

bool isDeviceKnown(TestVault& vault, const TestClient& client, const std::string& device) {
  return vault.database().read([&](storage::Transaction& tx) {
    return storage::DeviceStore(tx).isKnown(client.userId, device);
  });
}

std::string recoveryCodeOf(const TestClient& client) {
  return client.post("/api/two-factor/get-recover", secretOf(client)).json().at("code");
}

// Remembers kDevice and returns what it was given.
std::string rememberDeviceOf(TestVault& vault, const TestClient& client, const std::string& key) {
  const auto reply =
      tryLogin(client, kDevice, {.provider = 0, .token = nextCode(vault, key), .remember = true});
  REQUIRE(reply.status == 200);
  return reply.json().at("TwoFactorToken");
}

}  // namespace

TEST_CASE("a login without its factor is told which ones there are, in the exact case") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  enableAuthenticator(alice);
  enableEmail(alice, "bytes@example.test");

  const auto reply = tryLogin(alice, kDevice);
  REQUIRE(reply.status == 400);
  const auto body = reply.json();
  CHECK(body["error"] == "invalid_grant");
  CHECK(body["error_description"] == "Two factor required.");
  CHECK(body["TwoFactorProviders"] == Json{"0", "1"});
  CHECK(body["TwoFactorProviders2"] ==
        Json{{"0", nullptr}, {"1", {{"Email", "by***@example.test"}}}});
  CHECK(body["MasterPasswordPolicy"] == Json{{"Object", "masterPasswordPolicy"}});
  CHECK(body["Email"] == "alice@example.test");
  CHECK_FALSE(body["SsoEmail2faSessionToken"].get<std::string>().empty());
  CHECK_FALSE(isDeviceKnown(vault, alice, kDevice));
}

TEST_CASE("a login that shows nothing usable is asked again, not refused") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  const auto code = nextCode(vault, key);
  const std::pair<std::optional<int>, std::string> shown[] = {
      {std::nullopt, ""}, {std::nullopt, code}, {0, ""},   {1, code},
      {2, code},          {5, "unknown"},       {6, code}, {7, "{}"},
      {9, code},          {1002, code},
  };
  for (const auto& [provider, token] : shown) {
    CAPTURE(provider.value_or(-1));
    CHECK(isChallenge(tryLogin(alice, kDevice, {.provider = provider, .token = token})));
  }
  const auto odd = TestVault::passwordForm(alice.email, alice.passwordHash, kDevice) +
                   "&twoFactorProvider=authenticator&twoFactorToken=" + code;
  CHECK(isChallenge(vault.postForm(kToken, odd)));
  CHECK_FALSE(isDeviceKnown(vault, alice, kDevice));
  CHECK(tryLogin(alice, kDevice, {.provider = 0, .token = code}).status == 200);
}

TEST_CASE("a wrong password is refused before anything is said about factors") {
  TestVault vault;
  auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  const auto code = nextCode(vault, key);
  auto stranger = alice;
  stranger.passwordHash = "wrong";
  CHECK(isWrongFactor(tryLogin(stranger, kDevice)));
  CHECK(isWrongFactor(tryLogin(stranger, kDevice, {.provider = 0, .token = code})));
  CHECK(tryLogin(alice, kDevice, {.provider = 0, .token = code}).status == 200);
}

TEST_CASE("API keys and refresh tokens need no second factor, and a session goes on") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::string apiKey =
      alice.post("/api/accounts/api-key", secretOf(alice)).json().at("apiKey");
  enableAuthenticator(alice);
  CHECK(isSecured(alice));
  CHECK(alice.get("/api/sync").json()["profile"]["twoFactorEnabled"] == true);
  CHECK(vault.postForm(kToken, refreshForm(alice.refreshToken)).status == 200);
  CHECK(vault
            .postForm(kToken, "grant_type=client_credentials&client_id=user." + alice.userId +
                                  "&client_secret=" + apiKey +
                                  "&scope=api&deviceType=25&deviceIdentifier=" + kDevice +
                                  "&deviceName=linux")
            .status == 200);
}

TEST_CASE("a password that changes between the factor and the record lets nobody in") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  enableAuthenticator(alice);
  const auto before = userOf(vault, alice.email);
  REQUIRE(alice.post("/api/accounts/security-stamp", secretOf(alice)).status == 200);
  const DeviceClaim device{kDevice, "linux", 25};
  const FactorOutcome passed{.wasAsked = true, .shallRemember = true};
  CHECK_THROWS_AS(
      recordPasswordLogin(vault.service().context(), before, device, std::nullopt, passed),
      BadRequest);
  CHECK_FALSE(isDeviceKnown(vault, alice, kDevice));
}

TEST_CASE("a remembered device is not asked again") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto key = enableAuthenticator(alice);
  enableAuthenticator(mallory);
  const auto token = rememberDeviceOf(vault, alice, key);
  const Shown remembered{.provider = 5, .token = token, .remember = true};

  SUBCASE("for thirty days, with the same token") {
    const auto reply = tryLogin(alice, kDevice, remembered);
    CHECK(reply.status == 200);
    CHECK_FALSE(reply.json().contains("TwoFactorToken"));
    vault.clock().advance(29 * kDay);
    CHECK(tryLogin(alice, kDevice, remembered).status == 200);
    vault.clock().advance(2 * kDay);
    CHECK(isChallenge(tryLogin(alice, kDevice, remembered)));
  }
  SUBCASE("but neither is another device let in, nor another account") {
    CHECK(isChallenge(tryLogin(alice, alice.device, remembered)));
    CHECK(isChallenge(tryLogin(mallory, kDevice, remembered)));
    CHECK(isChallenge(tryLogin(mallory, mallory.device, remembered)));
    CHECK(tryLogin(alice, kDevice, remembered).status == 200);
  }
  SUBCASE("until it shows a wrong token") {
    CHECK(isChallenge(tryLogin(alice, kDevice, {.provider = 5, .token = token + "x"})));
    CHECK(isChallenge(tryLogin(alice, kDevice, remembered)));
  }
  SUBCASE("until the next token") {
    const auto newer = rememberDeviceOf(vault, alice, key);
    CHECK(newer != token);
    CHECK(tryLogin(alice, kDevice, {.provider = 5, .token = newer}).status == 200);
    CHECK(isChallenge(tryLogin(alice, kDevice, remembered)));
  }
  SUBCASE("until the device is removed") {
    REQUIRE(alice.remove("/api/devices/" + std::string(kDevice)).status == 200);
    CHECK(isChallenge(tryLogin(alice, kDevice, remembered)));
  }
  SUBCASE("until the sessions are ended") {
    REQUIRE(alice.post("/api/accounts/security-stamp", secretOf(alice)).status == 200);
    CHECK(isChallenge(tryLogin(alice, kDevice, remembered)));
  }
  SUBCASE("until the password is changed") {
    const Json change = {{"newMasterPasswordHash", "new hash"}, {"key", sealedText(3)}};
    REQUIRE(alice.post("/api/accounts/password", secretOf(alice, change)).status == 200);
    auto changed = alice;
    changed.passwordHash = "new hash";
    CHECK(isChallenge(tryLogin(changed, kDevice, remembered)));
  }
  SUBCASE("until the last factor is disabled") {
    REQUIRE(alice.put("/api/two-factor/disable", secretOf(alice, {{"type", 0}})).status == 200);
    enableAuthenticator(alice);
    CHECK(isChallenge(tryLogin(alice, kDevice, remembered)));
  }
  SUBCASE("unless the owner of the box wants no device remembered") {
    vault.restart([](VaultOptions& options) { options.rememberTwoFactor = false; });
    CHECK(isChallenge(tryLogin(alice, kDevice, remembered)));
    const auto reply =
        tryLogin(alice, kDevice, {.provider = 0, .token = nextCode(vault, key), .remember = true});
    CHECK(reply.status == 200);
    CHECK_FALSE(reply.json().contains("TwoFactorToken"));
  }
}

TEST_CASE("a token is given only when it is asked for") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  const auto reply = tryLogin(alice, kDevice, {.provider = 0, .token = nextCode(vault, key)});
  CHECK(reply.status == 200);
  CHECK_FALSE(reply.json().contains("TwoFactorToken"));
}

TEST_CASE("the recovery code removes every factor, once") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.post("/api/two-factor/get-recover", secretOf(alice)).json()["code"] == nullptr);
  const auto key = enableAuthenticator(alice);
  const auto remembered = rememberDeviceOf(vault, alice, key);
  const auto code = recoveryCodeOf(alice);
  CHECK(code.size() == 32);
  const auto before = alice.revisionDate();

  SUBCASE("wrong: everything stays") {
    for (const std::string& wrong :
         {std::string("x"), code + "A", code.substr(1), std::string("0")}) {
      CHECK(isWrongFactor(tryLogin(alice, kDevice, {.provider = 8, .token = wrong})));
    }
    CHECK(isSecured(alice));
    CHECK(recoveryCodeOf(alice) == code);
  }
  SUBCASE("right, as a client writes it: the login succeeds and no factor is left") {
    std::string written;
    for (std::size_t i = 0; i < code.size(); i += 4) {
      written += (i == 0 ? "" : "+") + toLowerAscii(code.substr(i, 4));
    }
    const auto reply =
        tryLogin(alice, kDevice, {.provider = 8, .token = written, .remember = true});
    CHECK(reply.status == 200);
    CHECK_FALSE(reply.json().contains("TwoFactorToken"));
    CHECK_FALSE(isSecured(alice));
    CHECK(alice.get("/api/two-factor").json()["data"].empty());
    CHECK(alice.post("/api/two-factor/get-recover", secretOf(alice)).json()["code"] == nullptr);
    CHECK(alice.revisionDate() > before);

    enableAuthenticator(alice);
    CHECK(recoveryCodeOf(alice) != code);
    CHECK(isWrongFactor(tryLogin(alice, kDevice, {.provider = 8, .token = code})));
    CHECK(isChallenge(tryLogin(alice, kDevice, {.provider = 5, .token = remembered})));
  }
  SUBCASE("another account's is none") {
    const auto mallory = vault.signUp("mallory@example.test");
    enableAuthenticator(mallory);
    CHECK(isWrongFactor(tryLogin(mallory, kDevice, {.provider = 8, .token = code})));
    CHECK(isSecured(mallory));
  }
  SUBCASE("by the route of old web vaults") {
    const auto recover = [&](const std::string& hash, const std::string& shown) {
      return vault
          .postJson("/api/two-factor/recover", {{"email", "Alice@example.test"},
                                                {"masterPasswordHash", hash},
                                                {"recoveryCode", shown}})
          .status;
    };
    CHECK(recover("wrong", code) == 400);
    CHECK(recover(alice.passwordHash, "wrong") == 400);
    CHECK(isSecured(alice));
    CHECK(recover(alice.passwordHash, toLowerAscii(code)) == 200);
    CHECK_FALSE(isSecured(alice));
    CHECK(recover(alice.passwordHash, code) == 400);
  }
}

TEST_CASE("the owner is told by mail that the recovery code was used") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  enableAuthenticator(alice);
  const auto code = recoveryCodeOf(alice);
  takeMails(vault);
  vault.useClientAddress("203.0.113.9");
  CHECK(isWrongFactor(tryLogin(alice, alice.device, {.provider = 8, .token = "wrong"})));
  CHECK(takeMails(vault).empty());
  CHECK(tryLogin(alice, alice.device, {.provider = 8, .token = code}).status == 200);
  const auto mails = takeMails(vault);
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].kind == "twofactor_recovered");
  CHECK(mails[0].recipient == alice.email);
  CHECK(mails[0].plain.find("203.0.113.9") != std::string::npos);
}

TEST_CASE("a removal of every factor takes the code with it, in the caller's transaction") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  enableAuthenticator(alice);
  const auto& context = vault.service().context();
  CHECK_THROWS_AS(vault.database().write([&](storage::Transaction& tx) {
    context.secondFactors.removeAll(tx, alice.userId, vault.clock().now());
    throw BadRequest("changed my mind");
  }),
                  BadRequest);
  CHECK(isSecured(alice));
  vault.database().write([&](storage::Transaction& tx) {
    context.secondFactors.removeAll(tx, alice.userId, vault.clock().now());
  });
  CHECK_FALSE(isSecured(alice));
  CHECK_FALSE(userOf(vault, alice.email).recoveryCode);
}

TEST_CASE("codes cannot be guessed by trying, from however many addresses and devices") {
  TestVault vault([](VaultOptions& options) { options.loginLimit.burst = 3; });
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  int address = 0;
  const auto attempt = [&](const std::string& device, const std::string& token) {
    // No other limit is in the way: an hour refills them all.
    vault.useClientAddress("198.51.100." + std::to_string(++address));
    return tryLogin(alice, device, {.provider = 0, .token = token}).status;
  };
  const auto pause = [&] { vault.clock().advance(3 * kMinute); };

  for (int i = 0; i < 3; ++i) {
    pause();
    CHECK(attempt("device-" + std::to_string(i), "000000") == 400);
  }
  pause();
  CHECK(attempt("device-4", codeNow(vault, key)) == 429);  // Not even the right one.
  CHECK(attempt(alice.device, codeNow(vault, key)) == 200);
  pause();
  CHECK(attempt("device-5", codeNow(vault, key)) == 200);  // Twelve minutes gave one try back.
  pause();
  CHECK(attempt("device-6", codeNow(vault, key)) == 200);  // What was right cost none.
}
