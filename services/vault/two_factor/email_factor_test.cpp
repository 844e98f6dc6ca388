// SPDX-License-Identifier: BSD-2-Clause
//
// Codes by mail: setting up, being sent one at a login, showing it.
#include "services/vault/two_factor/email_factor.h"

#include "appliance/base/digest.h"
#include "services/vault/two_factor/factor_harness.h"
#include "storage/stores/auth_request_store.h"

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kGet = "/api/two-factor/get-email";
constexpr const char* kSend = "/api/two-factor/send-email";
constexpr const char* kPut = "/api/two-factor/email";
constexpr const char* kSendLogin = "/api/two-factor/send-email-login";
constexpr const char* kAddress = "bytes@example.test";

bool wasLoginCodeSent(TestVault& vault) { return mailedCode(vault, kAddress).size() == 6; }

std::string loginCode(TestVault& vault, const TestClient& client) {
  return issueCode(vault, client, CodePurpose::EmailFactorLogin, kAddress);
}

constexpr const char* kRequest = "6a01d26a-0ae3-4f3c-9a4f-8c3b1a2d9e10";

void addAuthRequest(TestVault& vault, const TestClient& client, const std::string& code) {
  vault.database().write([&](storage::Transaction& tx) {
    storage::AuthRequest request;
    request.id = kRequest;
    request.userId = client.userId;
    request.requestDeviceIdentifier = kDevice;
    request.requestIp = "192.0.2.7";
    request.accessCodeHash = sha256(code);
    request.publicKey = publicKeyText();
    request.createdAt = vault.clock().now();
    storage::AuthRequestStore(tx).insert(request);
  });
}

void approveAuthRequest(TestVault& vault) {
  vault.database().write([&](storage::Transaction& tx) {
    REQUIRE(storage::AuthRequestStore(tx).answer(
        kRequest, {true, sealedText(), std::nullopt, kDevice}, vault.clock().now()));
  });
}

std::string wrongCode(const std::string& code) { return code == "000000" ? "000001" : "000000"; }

}  // namespace

TEST_CASE("an address is confirmed with the code that was mailed to it") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.post(kGet, secretOf(alice)).json()["email"] == nullptr);
  REQUIRE(alice.post(kSend, secretOf(alice, {{"email", " Bytes@Example.test "}})).status == 200);
  CHECK_FALSE(isSecured(alice));
  const auto code = mailedCode(vault, kAddress);
  REQUIRE(code.size() == 6);
  const auto put = [&](const std::string& address, const std::string& shown) {
    return alice.put(kPut, secretOf(alice, {{"email", address}, {"token", shown}}));
  };

  SUBCASE("right") {
    const auto reply = put("BYTES@example.test", code);
    REQUIRE(reply.status == 200);
    CHECK(reply.json() ==
          Json{{"email", kAddress}, {"enabled", true}, {"object", "twoFactorEmailUpdate"}});
    CHECK(isSecured(alice));
    CHECK(userOf(vault, alice.email).recoveryCode->size() == 32);
    CHECK(put(kAddress, code).status == 400);  // Used up.
  }
  SUBCASE("another address than the code went to") {
    CHECK(put("mallory@example.test", code).status == 400);
    CHECK_FALSE(isSecured(alice));
  }
  SUBCASE("wrong too often") {
    for (int i = 0; i < 3; ++i) CHECK(put(kAddress, wrongCode(code)).status == 400);
    CHECK(put(kAddress, code).status == 400);
    CHECK_FALSE(isSecured(alice));
  }
  SUBCASE("too late") {
    vault.clock().advance(601 * kSecond);
    CHECK(put(kAddress, code).status == 400);
    CHECK_FALSE(isSecured(alice));
  }
  SUBCASE("no address, no code, no proof") {
    for (const Json& body :
         {secretOf(alice, {{"token", code}}), secretOf(alice, {{"email", kAddress}}),
          secretOf(alice, {{"email", "nobody"}, {"token", code}}),
          Json{{"email", kAddress}, {"token", code}},
          Json{{"email", kAddress}, {"token", code}, {"masterPasswordHash", "wrong"}},
          Json{{"email", kAddress}, {"token", code}, {"userVerificationToken", "wrong"}}}) {
      CAPTURE(body.dump());
      CHECK(alice.put(kPut, body).status == 400);
    }
    CHECK_FALSE(isSecured(alice));
  }
}

TEST_CASE("the member that both generations call \"email\" has the shape of the client's version") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  enableEmail(alice, kAddress);
  const auto ask = [&](Headers headers) {
    headers.emplace_back("Authorization", "Bearer " + alice.accessToken);
    auto body = vault.postJson(kGet, secretOf(alice), headers).json();
    CHECK(body["userVerificationToken"].is_string());
    body.erase("userVerificationToken");
    return body;
  };
  const Json flat = {{"email", kAddress}, {"enabled", true}, {"object", "twoFactorEmail"}};
  Json nested = flat;
  nested["email"] = {{"email", kAddress}, {"enabled", true}};
  CHECK(ask({}) == flat);
  CHECK(ask(kOldClient) == flat);
  CHECK(ask({{"Bitwarden-Client-Version", "2026.7.1"}}) == flat);
  CHECK(ask({{"Bitwarden-Client-Version", "2026.7.2"}}) == nested);
  CHECK(ask(kNewClient) == nested);
}

TEST_CASE("the token of a set-up is good for sending, confirming and disabling") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const Json uvt = alice.post(kGet, secretOf(alice)).json()["userVerificationToken"];
  REQUIRE(alice.post(kSend, {{"email", kAddress}, {"userVerificationToken", uvt}}).status == 200);
  const auto code = mailedCode(vault, kAddress);
  const Json body = {{"email", kAddress}, {"token", code}, {"userVerificationToken", uvt}};
  CHECK(alice.put(kPut, body).status == 200);

  SUBCASE("of this factor") {
    const auto reply = alice.remove(kPut, {{"userVerificationToken", uvt}});
    CHECK(reply.status == 200);
    CHECK(reply.json()["type"] == 1);
    CHECK_FALSE(isSecured(alice));
  }
  SUBCASE("not of another") {
    const Json foreign = alice.post("/api/two-factor/get-authenticator", secretOf(alice))
                             .json()["userVerificationToken"];
    CHECK(alice.remove(kPut, {{"userVerificationToken", foreign}}).status == 400);
    CHECK(alice.remove(kPut, Json::object()).status == 400);
    CHECK(isSecured(alice));
  }
}

TEST_CASE("a code for protected actions is good for every step of the set-up, and then no longer") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const Json otp = issueCode(vault, alice, CodePurpose::ProtectedAction, "");
  CHECK(alice.post(kGet, {{"otp", otp}}).status == 200);
  REQUIRE(alice.post(kSend, {{"email", kAddress}, {"otp", otp}}).status == 200);
  const auto code = mailedCode(vault, kAddress);
  CHECK(alice.put(kPut, {{"email", kAddress}, {"token", code}, {"otp", otp}}).status == 200);
  CHECK(alice.remove(kPut, {{"otp", otp}}).status == 400);
  CHECK(isSecured(alice));
}

TEST_CASE("the old address stays good until the new one is confirmed, and not longer") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  enableEmail(alice, "old@example.test");
  REQUIRE(alice.post(kSend, secretOf(alice, {{"email", kAddress}})).status == 200);
  CHECK(tryLogin(alice, kDevice).json()["TwoFactorProviders2"]["1"]["Email"] == "***@example.test");
  const auto toNew = mailedCode(vault, kAddress);
  const auto toOld = loginCode(vault, alice);
  REQUIRE(alice.put(kPut, secretOf(alice, {{"email", kAddress}, {"token", toNew}})).status == 200);
  CHECK(tryLogin(alice, kDevice).json()["TwoFactorProviders2"]["1"]["Email"] ==
        "by***@example.test");
  CHECK(isWrongFactor(tryLogin(alice, kDevice, {.provider = 1, .token = toOld})));
}

TEST_CASE("a mailed code opens one login") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  enableEmail(alice, kAddress);
  const auto attempt = [&](const std::string& code) {
    return tryLogin(alice, kDevice, {.provider = 1, .token = code});
  };
  SUBCASE("once") {
    const auto code = loginCode(vault, alice);
    CHECK(attempt(code).status == 200);
    CHECK(isWrongFactor(attempt(code)));
  }
  SUBCASE("none was sent") { CHECK(isWrongFactor(attempt("123456"))); }
  SUBCASE("a newer one was sent") {
    const auto first = loginCode(vault, alice);
    const auto second = loginCode(vault, alice);
    if (first != second) CHECK(isWrongFactor(attempt(first)));
    CHECK(attempt(second).status == 200);
  }
  SUBCASE("after two wrong tries still, after three no longer") {
    auto code = loginCode(vault, alice);
    for (int i = 0; i < 2; ++i) CHECK(isWrongFactor(attempt(wrongCode(code))));
    CHECK(attempt(code).status == 200);
    code = loginCode(vault, alice);
    for (int i = 0; i < 3; ++i) CHECK(isWrongFactor(attempt(wrongCode(code))));
    CHECK(isWrongFactor(attempt(code)));
  }
  SUBCASE("within ten minutes") {
    const auto code = loginCode(vault, alice);
    vault.clock().advance(601 * kSecond);
    CHECK(isWrongFactor(attempt(code)));
  }
  SUBCASE("of this account, and not one for another purpose") {
    const auto mallory = vault.signUp("mallory@example.test");
    enableEmail(mallory, "mallory@example.test");
    CHECK(isWrongFactor(attempt(loginCode(vault, mallory))));
    CHECK(isWrongFactor(attempt(issueCode(vault, alice, CodePurpose::EmailFactorSetUp, kAddress))));
  }
}

TEST_CASE("old clients are mailed a code with the challenge, when there is no other factor") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  enableEmail(alice, kAddress);
  SUBCASE("those that ask for it themselves are not") {
    CHECK(isChallenge(tryLogin(alice, kDevice, {}, kNewClient)));
    CHECK(isChallenge(tryLogin(alice, kDevice, {}, {{"Bitwarden-Client-Version", "2025.5.0"}})));
    CHECK_FALSE(wasLoginCodeSent(vault));
  }
  SUBCASE("those from before are") {
    CHECK(isChallenge(tryLogin(alice, kDevice, {}, {{"Bitwarden-Client-Version", "2025.4.9"}})));
    CHECK(wasLoginCodeSent(vault));
  }
  SUBCASE("those that do not say are") {
    CHECK(isChallenge(tryLogin(alice, kDevice, {}, {})));
    CHECK(wasLoginCodeSent(vault));
  }
  SUBCASE("beside another factor nobody is") {
    enableAuthenticator(alice);
    CHECK(isChallenge(tryLogin(alice, kDevice, {}, kOldClient)));
    CHECK_FALSE(wasLoginCodeSent(vault));
  }
  SUBCASE("nor with a wrong password") {
    auto stranger = alice;
    stranger.passwordHash = "wrong";
    CHECK(tryLogin(stranger, kDevice, {}, kOldClient).status == 400);
    CHECK_FALSE(wasLoginCodeSent(vault));
  }
}

TEST_CASE("a code for the login is sent to whoever proves to have the password") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  enableEmail(alice, kAddress);
  enableEmail(mallory, "mallory@example.test");
  const auto ask = [&](const Json& body) { return vault.postJson(kSendLogin, body).status; };
  const Json session = tryLogin(alice, kDevice).json()["SsoEmail2faSessionToken"];
  const Json foreign = tryLogin(mallory, kDevice).json()["SsoEmail2faSessionToken"];

  SUBCASE("with the password") {
    CHECK(ask({{"Email", "ALICE@example.test"},
               {"MasterPasswordHash", alice.passwordHash},
               {"DeviceIdentifier", kDevice}}) == 200);
    const auto code = mailedCode(vault, kAddress);
    CHECK(tryLogin(alice, kDevice, {.provider = 1, .token = code}).status == 200);
  }
  SUBCASE("with the token of the challenge") {
    CHECK(ask({{"email", alice.email},
               {"deviceIdentifier", kDevice},
               {"ssoEmail2FaSessionToken", session}}) == 200);
    CHECK(wasLoginCodeSent(vault));
  }
  SUBCASE("with a request that another device approved") {
    const std::string code(25, 'c');
    const auto body = [&](const std::string& shown) {
      return Json{
          {"email", alice.email}, {"authRequestId", kRequest}, {"authRequestAccessCode", shown}};
    };
    addAuthRequest(vault, alice, code);
    CHECK(ask(body(code)) == 400);
    approveAuthRequest(vault);
    CHECK(ask(body("another code")) == 400);
    auto foreignBody = body(code);
    foreignBody["email"] = mallory.email;
    CHECK(ask(foreignBody) == 400);
    CHECK(mailedCode(vault, kAddress).empty());
    CHECK(ask(body(code)) == 200);
    CHECK(wasLoginCodeSent(vault));
  }
  SUBCASE("and to nobody else") {
    const Json bodies[] = {
        {{"email", alice.email}},
        {{"masterPasswordHash", alice.passwordHash}},
        {{"email", alice.email}, {"masterPasswordHash", "wrong"}},
        {{"email", alice.email}, {"masterPasswordHash", mallory.passwordHash}},
        {{"email", "unknown@example.test"}, {"masterPasswordHash", alice.passwordHash}},
        {{"email", alice.email}, {"ssoEmail2FaSessionToken", foreign}},
        {{"email", alice.email}, {"ssoEmail2FaSessionToken", alice.accessToken}},
        {{"email", alice.email}, {"ssoEmail2FaSessionToken", "x"}, {"masterPasswordHash", "x"}},
    };
    for (const auto& body : bodies) {
      CAPTURE(body.dump());
      CHECK(ask(body) == 400);
    }
    vault.clock().advance(601 * kSecond + 30 * kSecond);
    CHECK(ask({{"email", alice.email}, {"ssoEmail2FaSessionToken", session}}) == 400);
    CHECK_FALSE(wasLoginCodeSent(vault));
  }
  SUBCASE("nor for an account without the factor") {
    REQUIRE(alice.remove(kPut, secretOf(alice)).status == 200);
    CHECK(ask({{"email", alice.email}, {"masterPasswordHash", alice.passwordHash}}) == 400);
    CHECK_FALSE(wasLoginCodeSent(vault));
  }
}

TEST_CASE("asking for codes is limited like logging in") {
  TestVault vault([](VaultOptions& options) {
    useMail(options);
    options.loginLimit.burst = 3;
  });
  const auto alice = vault.signUp("alice@example.test");
  const Json body = {{"email", alice.email}, {"masterPasswordHash", "wrong"}};
  int limited = 0;
  for (int i = 0; i < 6; ++i) {
    vault.useClientAddress("198.51.100." + std::to_string(i));
    if (vault.postJson(kSendLogin, body).status == 429) ++limited;
  }
  CHECK(limited == 3);  // The sign-up's own login was right and cost none.
}

TEST_CASE("without mail the factor cannot be set up, and one that was opens nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto refused = [&](const Reply& reply) { return reply.status == 400; };
  CHECK(refused(alice.post(kSend, secretOf(alice, {{"email", kAddress}}))));
  CHECK(refused(alice.put(kPut, secretOf(alice, {{"email", kAddress}, {"token", "123456"}}))));
  CHECK(refused(vault.postJson(
      kSendLogin, {{"email", alice.email}, {"masterPasswordHash", alice.passwordHash}})));

  vault.restart(&useMail);
  enableEmail(alice, kAddress);
  CHECK(isChallenge(tryLogin(alice, kDevice)));
  vault.restart();
  CHECK_FALSE(isSecured(alice));
  CHECK(alice.get("/api/two-factor").json()["data"].empty());
  const auto keptOut = tryLogin(alice, kDevice);
  CHECK(keptOut.status == 400);
  CHECK_FALSE(isChallenge(keptOut));
  CHECK(alice.put("/api/two-factor/disable", secretOf(alice, {{"type", 1}})).status == 200);
  CHECK(tryLogin(alice, kDevice).status == 200);
}

TEST_CASE("addresses are redacted to two characters and the domain") {
  CHECK(redactAddress("bytes@example.ext") == "by***@example.ext");
  CHECK(redactAddress("four@example.ext") == "fo**@example.ext");
  CHECK(redactAddress("abc@example.ext") == "***@example.ext");
  CHECK(redactAddress("a@example.ext") == "*@example.ext");
  CHECK(redactAddress("\"a@b\"@example.ext") == "\"a***@example.ext");
  CHECK(redactAddress("\xC3\xA9t\xC3\xA9s@example.ext") == "****@example.ext");
  CHECK(redactAddress("") == "");
}
