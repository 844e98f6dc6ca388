// SPDX-License-Identifier: BSD-2-Clause
//
// What an account says about itself and what its owner changes without the master password.
#include "services/vault/testing/test_vault.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {
constexpr const char* kStranger = "0f01a66f-7802-42bc-9647-a82600f11e10";
}  // namespace

TEST_CASE("the profile has every member that clients read") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto reply = alice.get("/api/accounts/profile");
  CHECK(reply.status == 200);
  auto profile = reply.json();
  CHECK(profile["securityStamp"].get<std::string>().size() == 36);
  CHECK(profile["creationDate"].get<std::string>().ends_with("Z"));
  profile.erase("securityStamp");
  profile.erase("creationDate");
  CHECK(profile == json{{"id", alice.userId},
                        {"name", "Alice"},
                        {"email", "alice@example.test"},
                        {"emailVerified", true},
                        {"premium", true},
                        {"premiumFromOrganization", false},
                        {"culture", "en-US"},
                        {"twoFactorEnabled", false},
                        {"key", sealedText(1)},
                        {"privateKey", sealedText(2)},
                        {"accountKeys",
                         {{"publicKeyEncryptionKeyPair",
                           {{"wrappedPrivateKey", sealedText(2)},
                            {"publicKey", publicKeyText()},
                            {"signedPublicKey", nullptr},
                            {"object", "publicKeyEncryptionKeyPair"}}},
                          {"signatureKeyPair", nullptr},
                          {"securityState", nullptr},
                          {"object", "privateKeys"}}},
                        {"forcePasswordReset", false},
                        {"usesKeyConnector", false},
                        {"avatarColor", nullptr},
                        {"verifyDevices", true},
                        {"masterPasswordHint", nullptr},
                        {"organizations", json::array()},
                        {"providers", json::array()},
                        {"providerOrganizations", json::array()},
                        {"object", "profile"}});
}

TEST_CASE("name and avatar are changed by PUT and by POST, and move the revision date") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto changes = [&](http::Method method, const char* target, const json& body) {
    const auto before = alice.revisionDate();
    const auto reply = alice.call(method, target, body.dump());
    CHECK(reply.status == 200);
    CHECK(alice.revisionDate() > before);
    return reply.json();
  };
  for (const auto method : {http::Method::Put, http::Method::Post}) {
    CHECK(changes(method, "/api/accounts/profile", {{"name", "Zoë"}})["name"] == "Zoë");
    CHECK(changes(method, "/api/accounts/profile", {{"Name", nullptr}})["name"] == nullptr);
    CHECK(changes(method, "/api/accounts/avatar", {{"avatarColor", "#00fFa9"}})["avatarColor"] ==
          "#00fFa9");
    CHECK(changes(method, "/api/accounts/avatar", {{"avatarColor", nullptr}})["avatarColor"] ==
          nullptr);
  }
}

TEST_CASE("a name or colour that does not fit is refused and changes nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto before = alice.revisionDate();
  // Fifty characters are fifty, however many bytes they take.
  std::string fifty;
  for (int i = 0; i < 50; ++i) fifty += "ë";
  const auto reply = alice.put("/api/accounts/profile", {{"name", fifty + "x"}});
  CHECK(reply.status == 400);
  CHECK(reply.json()["message"] == "The model state is invalid.");
  CHECK(reply.json()["validationErrors"] ==
        json{{"Name", {"The field Name must be a string with a maximum length of 50."}}});
  for (const char* color : {"", "#00000", "#0000000", "#00000g", "0000000", "red"}) {
    CAPTURE(color);
    CHECK(alice.put("/api/accounts/avatar", {{"avatarColor", color}}).status == 400);
  }
  CHECK(alice.revisionDate() == before);
  CHECK(alice.put("/api/accounts/profile", {{"name", fifty}}).status == 200);
}

TEST_CASE("the revision date is a bare number of milliseconds") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto reply = alice.get("/api/accounts/revision-date");
  CHECK(reply.body == std::to_string(vault.clock().now() / 1000));
  CHECK(reply.header("Content-Type").find("application/json") == 0);
}

TEST_CASE("keys are answered, and a pair is set once") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto keys = alice.get("/api/accounts/keys").json();
  CHECK(keys["key"] == sealedText(1));
  CHECK(keys["publicKey"] == publicKeyText());
  CHECK(keys["privateKey"] == sealedText(2));
  CHECK(keys["accountKeys"]["publicKeyEncryptionKeyPair"]["publicKey"] == publicKeyText());
  CHECK(keys["object"] == "keys");

  const json pair{{"publicKey", publicKeyText()}, {"encryptedPrivateKey", sealedText(9)}};
  const auto refused = alice.post("/api/accounts/keys", pair);
  CHECK(refused.status == 400);
  CHECK(refused.json()["message"] == "User has existing keypair");

  auto body = TestVault::registrationBody("bob@example.test", "hash");
  body.erase("keys");
  REQUIRE(vault.postJson("/api/accounts/register", body).status == 200);
  const auto bob = vault.logIn("bob@example.test", "hash", "device");
  CHECK(bob.get("/api/accounts/profile").json()["accountKeys"] == nullptr);
  CHECK(bob.get("/api/users/" + bob.userId + "/public-key").status == 404);
  CHECK(bob.post("/api/accounts/keys", json::object()).status == 400);
  CHECK(bob.post("/api/accounts/keys", {{"publicKey", publicKeyText()}}).status == 400);
  const auto before = bob.revisionDate();
  CHECK(bob.post("/api/accounts/keys", pair).json()["privateKey"] == sealedText(9));
  CHECK(bob.revisionDate() > before);
}

TEST_CASE("a broken pair is replaced") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const json pair{{"userPublicKey", "QUFB"}, {"userKeyEncryptedUserPrivateKey", sealedText(7)}};
  CHECK(alice.post("/api/accounts/key-management/regenerate-keys", pair).status == 200);
  CHECK(alice.get("/api/accounts/keys").json()["publicKey"] == "QUFB");
  CHECK(alice.get("/api/accounts/keys").json()["privateKey"] == sealedText(7));
  CHECK(alice
            .post("/api/accounts/key-management/regenerate-keys",
                  {{"userPublicKey", "#"}, {"userKeyEncryptedUserPrivateKey", sealedText(7)}})
            .status == 400);
}

TEST_CASE("the id of the user key is stored, may be repeated, and comes back with a sync") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const char* route = "/api/accounts/key-management/user-key-id";
  CHECK(alice.get("/api/sync").json()["userDecryption"]["userKeyId"] == nullptr);
  for (const char* id : {"7ec1569a644923709085ec8aace9d916", "7EC1569A644923709085EC8AACE9D916"}) {
    const auto reply = alice.post(route, {{"userKeyId", id}});
    CHECK(reply.status == 200);
    CHECK(reply.body.empty());
    CHECK(alice.get("/api/sync").json()["userDecryption"]["userKeyId"] ==
          "7ec1569a644923709085ec8aace9d916");
  }
  for (const char* id :
       {"", "7ec1569a", "7ec1569a644923709085ec8aace9d91g", "7ec1569a644923709085ec8aace9d91600"}) {
    CAPTURE(id);
    CHECK(alice.post(route, {{"userKeyId", id}}).status == 400);
  }
  CHECK(alice.post(route, {{"userKeyId", "00000000000000000000000000000000"}}).status == 200);
}

TEST_CASE("everybody may ask for a public key, and learns nothing else") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  CHECK(bob.get("/api/users/" + alice.userId + "/public-key").json() ==
        json{{"userId", alice.userId}, {"publicKey", publicKeyText()}, {"object", "userKey"}});
  CHECK(bob.get("/api/users/" + alice.userId + "/keys").json() ==
        json{{"publicKey", publicKeyText()},
             {"signedPublicKey", nullptr},
             {"verifyingKey", nullptr},
             {"object", "publicKeys"}});
  for (const std::string id : {kStranger, "nobody", "0"}) {
    CHECK(bob.get("/api/users/" + id + "/public-key").status == 404);
    CHECK(bob.get("/api/users/" + id + "/keys").json()["message"] == "Resource not found.");
  }
}

TEST_CASE("a hint is shown only where the owner of the box allows it") {
  TestVault vault;
  auto body = TestVault::registrationBody("alice@example.test", "hash");
  body["masterPasswordHint"] = "the usual";
  REQUIRE(vault.postJson("/api/accounts/register", body).status == 200);
  vault.signUp("bob@example.test");
  const auto ask = [&](const char* email) {
    const auto reply = vault.postJson("/api/accounts/password-hint", {{"email", email}});
    CHECK(reply.status == 400);
    return reply.json()["message"].get<std::string>();
  };
  CHECK(ask("alice@example.test") == "This server is not configured to provide password hints.");

  vault.restart([](VaultOptions& options) { options.showPasswordHints = true; });
  CHECK(ask("Alice@example.test") == "Your password hint is: the usual");
  CHECK(ask("bob@example.test") == ask("nobody@example.test"));

  vault.restart([](VaultOptions& options) { options.passwordHints = false; });
  CHECK(ask("alice@example.test") == "This server is not configured to provide password hints.");
  body["email"] = "carol@example.test";
  CHECK(vault.postJson("/api/accounts/register", body).json()["message"] ==
        "Password hints have been disabled by the administrator. Remove the hint and try again.");
}

TEST_CASE("what this vault has none of is an empty list") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const char* route :
       {"/api/tasks", "/api/webauthn", "/api/notifications", "/api/auth-requests",
        "/api/auth-requests/", "/api/auth-requests/pending", "/api/accounts/organizations"}) {
    CAPTURE(route);
    const auto reply = alice.get(route);
    CHECK(reply.status == 200);
    CHECK(reply.json() ==
          json{{"data", json::array()}, {"continuationToken", nullptr}, {"object", "list"}});
  }
  CHECK(alice.get("/api/hibp/breach?username=alice").body == "[]");
  CHECK(
      alice.post("/events/collect", {{{"type", 1107}, {"date", "2026-11-20T08:00:00Z"}}}).status ==
      200);
  CHECK(alice.post("/events/collect", json::array()).status == 200);
  CHECK(alice.post("/events/collect", {{{"date", "x"}}}).status == 400);
  CHECK(alice.get("/api/accounts/key-management/key-rotation-data").json() ==
        json{{"organizationPasswordResetKeyData", json::array()},
             {"emergencyAccessKeyData", json::array()},
             {"trustedDeviceKeyData", json::array()},
             {"passkeyKeyData", json::array()},
             {"object", "keyRotationData"}});
  CHECK(alice.post("/api/accounts/key-management/rotate-user-keys").status == 400);
}
