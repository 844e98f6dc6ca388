// SPDX-License-Identifier: BSD-2-Clause
//
// Security keys as second factor: setting them up, and logging in with them.
#include "services/vault/two_factor/factor_harness.h"
#include "services/vault/webauthn/testing/soft_authenticator.h"
#include "storage/stores/webauthn_store.h"

#include <doctest/doctest.h>

#include <functional>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

constexpr const char* kRoute = "/api/two-factor/webauthn";
constexpr int kProvider = 7;

nlohmann::json challengeFor(const TestClient& client) {
  const auto reply = client.post("/api/two-factor/get-webauthn-challenge", secretOf(client));
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return reply.json();
}

Reply addKey(const TestClient& client, SoftAuthenticator& key, nlohmann::json slot = 1) {
  const auto answer = key.create(challengeFor(client));
  return client.put(
      kRoute,
      secretOf(client, {{"id", std::move(slot)}, {"name", "my key"}, {"deviceResponse", answer}}));
}

// The options of a login that is asked for the key.
nlohmann::json askedFor(const TestClient& client) {
  const auto reply = tryLogin(client, kDevice);
  REQUIRE_MESSAGE(isChallenge(reply), reply.body);
  return reply.json()["TwoFactorProviders2"]["7"];
}

Reply loginWith(const TestClient& client, const nlohmann::json& answer) {
  const auto text = answer.dump();
  std::string escaped;
  for (const char c : text) escaped += "%" + toHex({&c, 1});
  return tryLogin(client, kDevice, {kProvider, escaped});
}

}  // namespace

TEST_CASE("the options for a new key are what browsers take, in both generations' places") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto options = challengeFor(alice);
  CHECK(options["rp"]["id"] == "vault.example.test");
  CHECK(options["user"]["name"] == alice.email);
  CHECK(fromBase64Url(options["user"]["id"].get<std::string>())->size() == 16);
  CHECK(fromBase64Url(options["challenge"].get<std::string>())->size() == 32);
  CHECK(options["pubKeyCredParams"][0] == nlohmann::json{{"type", "public-key"}, {"alg", -7}});
  CHECK(options["attestation"] == "none");
  CHECK(options["authenticatorSelection"]["userVerification"] == "discouraged");
  CHECK(options["authenticatorSelection"]["requireResidentKey"] == false);
  CHECK(options["excludeCredentials"] == nlohmann::json::array());
  CHECK(options["status"] == "ok");
  CHECK(options["errorMessage"] == "");
  CHECK(options["object"] == "twoFactorWebAuthnChallenge");
  for (const auto& [name, value] : options["options"].items()) CHECK(options[name] == value);
}

TEST_CASE("keys are added, listed, excluded from the next registration and removed") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator first;
  SoftAuthenticator second(SoftAuthenticator::kEdDSA);
  const auto added = addKey(alice, first);
  REQUIRE_MESSAGE(added.status == 200, added.body);
  CHECK(added.json()["enabled"] == true);
  CHECK(isSecured(alice));
  REQUIRE(addKey(alice, second, "3").status == 200);

  const auto reply = alice.post("/api/two-factor/get-webauthn", secretOf(alice));
  const auto keys = reply.json();
  CHECK(keys["keys"] == nlohmann::json::parse(R"([
      {"id": 1, "name": "my key", "migrated": false},
      {"id": 3, "name": "my key", "migrated": false}])"));
  CHECK(keys["webAuthn"] == nlohmann::json{{"enabled", true}, {"keys", keys["keys"]}});
  CHECK(keys["object"] == "twoFactorWebAuthn");
  CHECK(challengeFor(alice)["excludeCredentials"].size() == 2);

  // The newer clients' proof instead of the secret.
  const std::string proof = keys["userVerificationToken"];
  const auto removed = alice.remove(kRoute, {{"id", 1}, {"userVerificationToken", proof}});
  REQUIRE_MESSAGE(removed.status == 200, removed.body);
  CHECK(removed.json()["keys"].size() == 1);
  CHECK(alice.remove(kRoute, secretOf(alice, {{"id", 1}})).status == 404);
  CHECK(isSecured(alice));
  CHECK(alice.remove("/api/two-factor/webauthn/all", {{"userVerificationToken", proof}}).status ==
        200);
  CHECK_FALSE(isSecured(alice));
  CHECK(tryLogin(alice, kDevice).status == 200);
}

TEST_CASE("a code for protected actions registers one key") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const nlohmann::json secret = {
      {"otp", issueCode(vault, alice, CodePurpose::ProtectedAction, "")}};
  REQUIRE(alice.post("/api/two-factor/get-webauthn", secret).status == 200);
  const auto asked = alice.post("/api/two-factor/get-webauthn-challenge", secret);
  REQUIRE_MESSAGE(asked.status == 200, asked.body);
  SoftAuthenticator key;
  nlohmann::json form = {{"id", 1}, {"name", "k"}, {"deviceResponse", key.create(asked.json())}};
  form.update(secret);
  CHECK(alice.put(kRoute, form).status == 200);
  CHECK(alice.post("/api/two-factor/get-webauthn-challenge", secret).status == 400);
}

TEST_CASE("a key opens a login, and its counter must grow") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addKey(alice, key).status == 200);

  auto options = askedFor(alice);
  CHECK(options["rpId"] == "vault.example.test");
  CHECK(options["userVerification"] == "discouraged");
  CHECK(options["extensions"]["appid"] == "https://vault.example.test/app-id.json");
  CHECK(options["allowCredentials"] ==
        nlohmann::json::array({{{"type", "public-key"}, {"id", toBase64Url(key.credentialId)}}}));
  key.showsUserHandle = false;
  REQUIRE(loginWith(alice, key.get(options)).status == 200);
  REQUIRE(loginWith(alice, key.get(askedFor(alice))).status == 200);

  SoftAuthenticator clone = key;
  clone.counterStep = 0;
  CHECK(isWrongFactor(loginWith(alice, clone.get(askedFor(alice)))));
  clone.counter = 1;
  CHECK(isWrongFactor(loginWith(alice, clone.get(askedFor(alice)))));
  CHECK(loginWith(alice, key.get(askedFor(alice))).status == 200);
}

TEST_CASE("a key without a counter opens one login after another") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  key.counterStep = 0;
  REQUIRE(addKey(alice, key).status == 200);
  CHECK(loginWith(alice, key.get(askedFor(alice))).status == 200);
  CHECK(loginWith(alice, key.get(askedFor(alice))).status == 200);
}

TEST_CASE("a challenge is good for one answer, right or wrong, and only the latest") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addKey(alice, key).status == 200);
  const auto attempt = [&](const nlohmann::json& options) {
    return loginWith(alice, key.get(options));
  };

  const auto used = askedFor(alice);
  const auto answer = key.get(used);
  REQUIRE(loginWith(alice, answer).status == 200);
  CHECK(isWrongFactor(loginWith(alice, answer)));
  CHECK(isWrongFactor(attempt(used)));

  const auto replaced = askedFor(alice);
  const auto latest = askedFor(alice);
  CHECK(isWrongFactor(attempt(replaced)));
  CHECK(isWrongFactor(attempt(latest)));  // The wrong answer before used it up.

  const auto late = askedFor(alice);
  vault.clock().advance(18 * kMinute);
  CHECK(isWrongFactor(attempt(late)));
  CHECK(attempt(askedFor(alice)).status == 200);
}

TEST_CASE("what is not the account's key, or not an answer, opens nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  SoftAuthenticator key;
  SoftAuthenticator foreign;
  REQUIRE(addKey(alice, key).status == 200);
  REQUIRE(addKey(mallory, foreign).status == 200);

  CHECK(isWrongFactor(loginWith(alice, foreign.get(askedFor(alice)))));
  SoftAuthenticator pretending;
  pretending.credentialId = key.credentialId;
  CHECK(isWrongFactor(loginWith(alice, pretending.get(askedFor(alice)))));
  SoftAuthenticator phished = key;
  phished.origin = "https://vault.example.test.evil.test";
  CHECK(isWrongFactor(loginWith(alice, phished.get(askedFor(alice)))));
  askedFor(alice);
  CHECK(isWrongFactor(loginWith(alice, nlohmann::json::array())));
  askedFor(alice);
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {kProvider, "123456"})));
  CHECK(loginWith(alice, key.get(askedFor(alice))).status == 200);
}

TEST_CASE("a registration needs proof, its own challenge, a free place and a new key") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  SoftAuthenticator key;
  const auto put = [&](const TestClient& client, nlohmann::json more) {
    return client.put(kRoute, secretOf(client, std::move(more))).status;
  };
  const auto form = [&](SoftAuthenticator& from, const nlohmann::json& options,
                        const nlohmann::json& slot) {
    return nlohmann::json{{"id", slot}, {"name", "k"}, {"deviceResponse", from.create(options)}};
  };

  // No proof, wrong proof.
  auto options = challengeFor(alice);
  CHECK(alice.put(kRoute, form(key, options, 1)).status == 400);
  auto wrong = form(key, options, 1);
  wrong["masterPasswordHash"] = "wrong";
  CHECK(alice.put(kRoute, wrong).status == 400);

  // Nothing was asked; another account's challenge; one that is used.
  CHECK(put(mallory, form(key, options, 1)) == 400);
  challengeFor(mallory);
  CHECK(put(mallory, form(key, options, 1)) == 400);
  CHECK(put(alice, form(key, options, 1)) == 200);
  CHECK(put(alice, form(key, options, 2)) == 400);

  // Too late.
  options = challengeFor(alice);
  vault.clock().advance(8 * kMinute);
  SoftAuthenticator late;
  CHECK(put(alice, form(late, options, 2)) == 400);

  // The place is taken, or none; the key is registered, here or elsewhere.
  SoftAuthenticator other;
  for (const auto& slot : std::vector<nlohmann::json>{1, 0, 11, -1, "x", nullptr}) {
    CAPTURE(slot.dump());
    CHECK(put(alice, form(other, challengeFor(alice), slot)) == 400);
  }
  CHECK(put(alice, form(key, challengeFor(alice), 2)) == 400);
  CHECK(put(mallory, form(key, challengeFor(mallory), 1)) == 400);
  CHECK_FALSE(isSecured(mallory));
  const auto keys = alice.post("/api/two-factor/get-webauthn", secretOf(alice)).json()["keys"];
  CHECK(keys.size() == 1);
}

TEST_CASE("security keys are not offered where the vault is an IP address") {
  TestVault vault([](VaultOptions& options) { options.origin = "https://192.0.2.1"; });
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.post("/api/two-factor/get-webauthn-challenge", secretOf(alice)).status == 400);
}

TEST_CASE("asked for by address, a login still shows the other factors") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  SoftAuthenticator key;
  REQUIRE(addKey(alice, key).status == 200);
  enableAuthenticator(alice);
  CHECK(askedFor(alice).is_object());
  const auto providers = tryLogin(alice, kDevice).json()["TwoFactorProviders"];
  CHECK(providers == nlohmann::json{"0", "7"});
}
