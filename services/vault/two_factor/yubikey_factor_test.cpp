// SPDX-License-Identifier: BSD-2-Clause
//
// YubiKeys as second factor: setting them up, and logging in with their codes.
#include "services/vault/two_factor/factor_harness.h"
#include "services/vault/two_factor/yubikey_validation.h"

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kGet = "/api/two-factor/get-yubikey";
constexpr const char* kPut = "/api/two-factor/yubikey";
constexpr const char* kSecret = "AAECAwQFBgcICQoLDA0ODxAREhM=";
constexpr const char* kAlices = "cccccccfhcbe";
constexpr const char* kSpare = "vvvvvvvfhcbe";
constexpr int kProvider = 3;

// A key that types one code after the other.
class SoftKey {
 public:
  explicit SoftKey(std::string id) : id_(std::move(id)) {}
  std::string type() {
    constexpr std::string_view modhex = "cbdefghijklnrtuv";
    std::string code(32, 'c');
    for (unsigned n = ++count_, at = 31; n > 0; n /= 16, --at) code[at] = modhex[n % 16];
    return id_ + code;
  }

 private:
  std::string id_;
  unsigned count_ = 0;
};

std::string parameter(const std::string& url, const std::string& name) {
  const auto at = url.find("&" + name + "=") + name.size() + 2;
  return url.substr(at, url.find('&', at) - at);
}

// A validation server that believes every code.
struct Validation {
  explicit Validation(TestVault& vault) {
    vault.outbound().answer = [this](const outbound::HttpRequest& request) {
      const ValidationFields fields = {{"otp", parameter(request.url, "otp")},
                                       {"nonce", parameter(request.url, "nonce")},
                                       {"status", status}};
      std::string body = "h=" + validationSignature(*fromBase64(kSecret), fields) + "\r\n";
      for (const auto& [name, value] : fields) body += name + "=" + value + "\r\n";
      return outbound::HttpAnswer{200, {}, body, request.url, false};
    };
  }
  std::string status = "OK";
};

void configure(VaultOptions& options) {
  options.yubico.clientId = "1";
  options.yubico.secretKey = Secret(kSecret);
  options.yubico.server = "https://validation.example.test/verify";
}

Reply addKey(const TestClient& client, SoftKey& key) {
  return client.put(kPut, secretOf(client, {{"key1", key.type()}, {"nfc", true}}));
}

std::string messageOf(const Reply& reply) {
  const auto body = reply.json();
  return body.contains("ErrorModel") ? body["ErrorModel"]["Message"] : body["message"];
}

}  // namespace

TEST_CASE("YubiKeys are set up by either generation of clients") {
  TestVault vault(configure);
  const Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  const auto before = alice.post(kGet, secretOf(alice)).json();
  CHECK(before["enabled"] == false);
  CHECK(before["key1"].is_null());
  CHECK(before["object"] == "twoFactorYubiKey");

  SoftKey key(kAlices);
  SoftKey spare(kSpare);
  Json body = {{"key1", key.type()}, {"key2", nullptr}, {"key4", spare.type()}, {"nfc", true}};
  SUBCASE("with the password") { body["masterPasswordHash"] = alice.passwordHash; }
  SUBCASE("with the token of the answer before") {
    body["userVerificationToken"] = before["userVerificationToken"];
  }
  const auto reply = alice.post(kPut, body);
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  const Json keys = {{"enabled", true}, {"key1", kAlices}, {"key2", kSpare}, {"key3", nullptr},
                     {"key4", nullptr}, {"key5", nullptr}, {"nfc", true}};
  Json expected = keys;
  expected["yubiKey"] = keys;
  expected["object"] = "twoFactorYubiKeyUpdate";
  CHECK(reply.json() == expected);
  CHECK(isSecured(alice));
  CHECK(alice.post(kGet, secretOf(alice)).json()["yubiKey"] == keys);
  const auto stored = vault.database().read([&](storage::Transaction& tx) {
    return storage::TwoFactorStore(tx).find(alice.userId, kProvider)->data;
  });
  CHECK(stored == R"({"keys":["cccccccfhcbe","vvvvvvvfhcbe"],"nfc":true})");
}

TEST_CASE("a key that was set up stays without a new code, one that was not does not come so") {
  TestVault vault(configure);
  const Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  SoftKey key(kAlices);
  SoftKey spare(kSpare);
  REQUIRE(addKey(alice, key).status == 200);
  const auto asked = vault.outbound().seen().size();

  const auto unproven = secretOf(alice, {{"key1", kAlices}, {"key2", kSpare}});
  CHECK(alice.put(kPut, unproven).status == 400);
  const auto proven = secretOf(alice, {{"key1", kAlices}, {"key2", spare.type()}});
  const auto reply = alice.put(kPut, proven);
  REQUIRE(reply.status == 200);
  CHECK(reply.json()["key1"] == kAlices);
  CHECK(reply.json()["key2"] == kSpare);
  CHECK(reply.json()["nfc"] == false);
  CHECK(vault.outbound().seen().size() == asked + 1);

  const auto one = alice.put(kPut, secretOf(alice, {{"key3", kSpare}, {"key4", kSpare}})).json();
  CHECK(one["key1"] == kSpare);
  CHECK(one["key2"].is_null());
}

TEST_CASE("what proves no key sets none up") {
  TestVault vault(configure);
  Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  SoftKey key(kAlices);
  const std::string otp = key.type();
  const Json bodies[] = {
      secretOf(alice),
      secretOf(alice, {{"key1", ""}, {"key2", nullptr}}),
      secretOf(alice, {{"key1", kAlices}}),
      secretOf(alice, {{"key1", otp.substr(1)}}),
      secretOf(alice, {{"key1", otp + "ccccc"}}),
      secretOf(alice, {{"key1", "a" + otp.substr(1)}}),
      secretOf(alice, {{"key1", 12}}),
      secretOf(alice, {{"key1", otp}, {"key5", "1"}}),
      {{"key1", otp}},
      {{"key1", otp}, {"masterPasswordHash", "wrong"}},
      {{"key1", otp}, {"userVerificationToken", "wrong"}},
  };
  for (const auto& body : bodies) {
    CAPTURE(body.dump());
    CHECK(alice.put(kPut, body).status == 400);
  }
  CHECK(vault.outbound().seen().empty());
  for (const char* status : {"BAD_OTP", "REPLAYED_OTP", "BACKEND_ERROR"}) {
    server.status = status;
    CHECK(alice.put(kPut, secretOf(alice, {{"key1", otp}})).status == 400);
  }
  vault.outbound().answer = nullptr;
  const auto unanswered = alice.put(kPut, secretOf(alice, {{"key1", otp}}));
  CHECK(unanswered.status == 400);
  CHECK(messageOf(unanswered).find("does not answer") != std::string::npos);
  CHECK_FALSE(isSecured(alice));
}

TEST_CASE("without a validation service there are no YubiKeys") {
  TestVault vault(configure);
  const Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  SoftKey key(kAlices);
  REQUIRE(addKey(alice, key).status == 200);
  CHECK(isChallenge(tryLogin(alice, kDevice)));

  vault.restart();
  CHECK(addKey(alice, key).status == 400);
  CHECK(alice.get("/api/two-factor").json()["data"].empty());
  CHECK(tryLogin(alice, kDevice).status == 400);
}

TEST_CASE("a code of the account's key opens one login") {
  TestVault vault(configure);
  const Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  SoftKey key(kAlices);
  SoftKey foreign(kSpare);
  const std::string setUpCode = key.type();
  REQUIRE(alice.put(kPut, secretOf(alice, {{"key1", setUpCode}, {"nfc", true}})).status == 200);

  const auto asked = tryLogin(alice, kDevice);
  REQUIRE(isChallenge(asked));
  CHECK(asked.json()["TwoFactorProviders"] == Json{"3"});
  CHECK(asked.json()["TwoFactorProviders2"]["3"] == Json{{"Nfc", true}});

  const auto calls = vault.outbound().seen().size();
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {kProvider, foreign.type()})));
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {kProvider, "000000"})));
  CHECK(vault.outbound().seen().size() == calls);  // Nobody is asked about those.
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {kProvider, setUpCode})));

  const std::string otp = key.type();
  CHECK(tryLogin(alice, kDevice, {kProvider, otp}).status == 200);
  // This server would take it again.
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {kProvider, otp})));
  CHECK(tryLogin(alice, kDevice, {kProvider, key.type()}).status == 200);
}

TEST_CASE("a code that was used for one account opens no other") {
  TestVault vault(configure);
  const Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  SoftKey shared(kAlices);
  REQUIRE(addKey(alice, shared).status == 200);
  REQUIRE(addKey(bob, shared).status == 200);
  const auto otp = shared.type();
  CHECK(tryLogin(alice, kDevice, {kProvider, otp}).status == 200);
  CHECK(isWrongFactor(tryLogin(bob, kDevice, {kProvider, otp})));
}

TEST_CASE("what the validation server refuses, or does not say, opens no login") {
  TestVault vault(configure);
  Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  SoftKey key(kAlices);
  REQUIRE(addKey(alice, key).status == 200);
  const auto otp = key.type();
  for (const char* status : {"BAD_OTP", "REPLAYED_OTP"}) {
    server.status = status;
    const auto reply = tryLogin(alice, kDevice, {kProvider, otp});
    CHECK(isWrongFactor(reply));
    CHECK(messageOf(reply).find("does not answer") == std::string::npos);
  }
  for (const char* status : {"BACKEND_ERROR", "NOT_ENOUGH_ANSWERS"}) {
    server.status = status;
    const auto reply = tryLogin(alice, kDevice, {kProvider, otp});
    CHECK(isWrongFactor(reply));
    CHECK(messageOf(reply).find("does not answer") != std::string::npos);
  }
  server.status = "OK";
  CHECK(tryLogin(alice, kDevice, {kProvider, otp}).status == 200);
  vault.outbound().answer = nullptr;
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {kProvider, key.type()})));
}

TEST_CASE("disabling YubiKeys needs the proof of a set-up") {
  TestVault vault(configure);
  const Validation server(vault);
  const auto alice = vault.signUp("alice@example.test");
  SoftKey key(kAlices);
  REQUIRE(addKey(alice, key).status == 200);
  const auto token = alice.post(kGet, secretOf(alice)).json()["userVerificationToken"];
  CHECK(alice.remove(kPut, Json::object()).status == 400);
  CHECK(isSecured(alice));
  const auto reply = alice.remove(kPut, {{"userVerificationToken", token}});
  REQUIRE(reply.status == 200);
  CHECK(reply.json()["enabled"] == false);
  CHECK(reply.json()["type"] == kProvider);
  CHECK_FALSE(isSecured(alice));
  // A key that is gone has to be proven again.
  CHECK(alice.put(kPut, secretOf(alice, {{"key1", kAlices}})).status == 400);
}
