// SPDX-License-Identifier: BSD-2-Clause
//
// Emergency access and the other keys of an account: second factors at a takeover, contacts at a
// change of the user key.
#include "services/vault/two_factor/factor_harness.h"

#include <doctest/doctest.h>

using namespace coffer::vault;
using namespace coffer::vault::testing;
using Json = nlohmann::json;

namespace {

constexpr const char* kEntries = "/api/emergency-access/";
constexpr const char* kRotationData = "/api/accounts/key-management/key-rotation-data";

// Without mail the contact has accepted at once. Returns the entry's id.
std::string inviteToTakeOver(const TestClient& grantor, const TestClient& grantee) {
  const auto reply = grantor.post(std::string(kEntries) + "invite",
                                  {{"email", grantee.email}, {"type", 1}, {"waitTimeDays", 7}});
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return grantor.get(std::string(kEntries) + "trusted").json().at("data").at(0).at("id");
}

void step(const TestClient& who, const std::string& id, const std::string& name,
          const Json& body = Json::object()) {
  const auto reply = who.post(kEntries + id + "/" + name, body);
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
}

}  // namespace

TEST_CASE("a takeover removes the second factors and what stood in for them") {
  TestVault vault;
  const auto grantor = vault.signUp("grantor@example.test");
  const auto grantee = vault.signUp("grantee@example.test");
  const auto id = inviteToTakeOver(grantor, grantee);
  step(grantor, id, "confirm", {{"key", sealedText(9)}});
  const auto key = enableAuthenticator(grantor);
  const auto remembered =
      tryLogin(grantor, kDevice, {.provider = 0, .token = nextCode(vault, key), .remember = true});
  REQUIRE_MESSAGE(remembered.status == 200, remembered.body);
  step(grantee, id, "initiate");
  step(grantor, id, "approve");
  step(grantee, id, "password", {{"newMasterPasswordHash", "new hash"}, {"key", sealedText(3)}});

  const auto back = vault.logIn(grantor.email, "new hash", "d");
  CHECK_FALSE(isSecured(back));
  CHECK(back.post("/api/two-factor/get-recover", secretOf(back)).json()["code"] == nullptr);
  // A device that was remembered is asked, should there be a factor again.
  enableAuthenticator(back);
  const std::string token = remembered.json().at("TwoFactorToken");
  CHECK(isChallenge(tryLogin(back, kDevice, {.provider = 5, .token = token})));
}

TEST_CASE("contacts whom the user key is sealed for are listed for its change, with their keys") {
  TestVault vault;
  const auto grantor = vault.signUp("grantor@example.test");
  const auto grantee = vault.signUp("grantee@example.test");
  const auto contacts = [&](const TestClient& who) {
    return who.get(kRotationData).json().at("emergencyAccessKeyData");
  };
  const auto id = inviteToTakeOver(grantor, grantee);
  CHECK(contacts(grantor).empty());  // Nothing is sealed yet.
  step(grantor, id, "confirm", {{"key", sealedText(9)}});
  CHECK(contacts(grantor) ==
        Json::array({{{"id", id},
                      {"granteeId", grantee.userId},
                      {"granteeName", grantee.get("/api/accounts/profile").json().at("name")},
                      {"granteeEmail", grantee.email},
                      {"publicKey", publicKeyText()},
                      {"object", "emergencyAccessKeyData"}}}));
  CHECK(contacts(grantee).empty());

  const auto rotate = [&](const Json& sealed) {
    const Json unlock = {{"kdfType", 0},
                         {"kdfIterations", 600'000},
                         {"email", grantor.email},
                         {"masterKeyAuthenticationHash", grantor.passwordHash},
                         {"masterKeyEncryptedUserKey", sealedText(25)}};
    return grantor
        .post("/api/accounts/key-management/rotate-user-account-keys",
              {{"oldMasterKeyAuthenticationHash", grantor.passwordHash},
               {"accountUnlockData",
                {{"masterPasswordUnlockData", unlock}, {"emergencyAccessUnlockData", sealed}}},
               {"accountKeys",
                {{"userKeyEncryptedAccountPrivateKey", sealedText(26)},
                 {"accountPublicKey", publicKeyText()}}},
               {"accountData", Json::object()}})
        .status;
  };
  CHECK(rotate(Json::array()) == 400);
  CHECK(rotate(Json::array({{{"id", id}, {"keyEncrypted", sealedText(8)}}})) == 200);
}
