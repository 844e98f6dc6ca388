// SPDX-License-Identifier: BSD-2-Clause
//
// Logging in with another device (vault-extras 5), from the request to the login, and every way in
// which it must not work.
#include "services/vault/auth_requests/auth_request_rules.h"
#include "services/vault/identity/identity_harness.h"
#include "services/vault/jobs/vault_jobs.h"
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

namespace coffer::vault {
namespace {

using nlohmann::json;
using testing::Headers;
using testing::Reply;
using testing::TestClient;
using testing::TestVault;

const std::string kCode = "abcdefghijklmnopqrstuvwxy";
const std::string kNewDevice = "device-that-wants-in";
const std::string kWrappedKey = testing::sealedText(7);

struct TwoDevices {
  TestVault vault;
  TestClient approver = vault.signUp("owner@example.test");
  // The requesting device must be known: it has logged in before.
  TestClient requester = vault.logIn(approver.email, approver.passwordHash, kNewDevice);

  TwoDevices() { (void)vault.takeUpdates(); }

  json body(const std::string& device = kNewDevice, const std::string& code = kCode) const {
    return {{"email", approver.email},
            {"publicKey", testing::publicKeyText()},
            {"deviceIdentifier", device},
            {"accessCode", code},
            {"type", 0}};
  }
  Reply ask(const json& form) {
    return vault.postJson("/api/auth-requests", form, {{"Device-Type", "9"}});
  }
  std::string asked() {
    const auto reply = ask(body());
    REQUIRE_MESSAGE(reply.status == 200, reply.body);
    return reply.json().at("id");
  }
  Reply answer(const TestClient& client, const std::string& id, bool approved) const {
    return client.put("/api/auth-requests/" + id, {{"key", kWrappedKey},
                                                   {"masterPasswordHash", nullptr},
                                                   {"deviceIdentifier", client.device},
                                                   {"requestApproved", approved}});
  }
  Reply logIn(const std::string& id, const std::string& code = kCode,
              const std::string& device = kNewDevice) {
    return vault.postForm(
        "/identity/connect/token",
        TestVault::passwordForm(approver.email, code, device) + "&authRequest=" + id);
  }
  Reply poll(const std::string& id, const std::string& code) {
    return vault.call(http::Method::Get, "/api/auth-requests/" + id + "/response?code=" + code);
  }
};

}  // namespace

TEST_CASE("a device that is logged in lets another one in, once") {
  TwoDevices two;
  const auto id = two.asked();
  auto updates = two.vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::AuthRequest);
  CHECK(updates[0].id == id);
  CHECK(updates[0].actingDevice == kNewDevice);

  const auto pending = two.approver.get("/api/auth-requests/pending").json().at("data");
  REQUIRE(pending.size() == 1);
  CHECK(pending[0]["id"] == id);
  CHECK(pending[0]["requestDeviceType"] == "Chrome");
  CHECK(pending[0]["requestApproved"] == false);
  CHECK(pending[0]["responseDate"].is_null());
  CHECK(pending[0]["key"].is_null());
  const auto devices = two.approver.get("/api/devices").json();
  for (const auto& device : devices.at("data")) {
    CHECK(device["devicePendingAuthRequest"].is_null() == (device["identifier"] != kNewDevice));
  }
  CHECK(two.poll(id, kCode).json()["responseDate"].is_null());
  CHECK(two.logIn(id).status == 400);  // Nobody said yes yet.

  const auto answered = two.answer(two.approver, id, true);
  REQUIRE_MESSAGE(answered.status == 200, answered.body);
  updates = two.vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::AuthRequestResponse);
  CHECK(updates[0].id == id);

  const auto seen = two.poll(id, kCode).json();
  CHECK(seen["requestApproved"] == true);
  CHECK(seen["key"] == kWrappedKey);
  CHECK_FALSE(seen["responseDate"].is_null());
  CHECK(two.approver.get("/api/auth-requests/pending").json().at("data").empty());

  const auto granted = two.logIn(id);
  REQUIRE_MESSAGE(granted.status == 200, granted.body);
  CHECK(granted.json().contains("access_token"));
  CHECK(two.logIn(id).status == 400);  // Used.
  // The code was not taken for a password on the way.
  CHECK(two.vault.logIn(two.approver.email, two.approver.passwordHash, "third").userId ==
        two.approver.userId);
}

TEST_CASE("a refused request lets nobody in and cannot be approved afterwards") {
  TwoDevices two;
  const auto id = two.asked();
  (void)two.vault.takeUpdates();
  CHECK(two.answer(two.approver, id, false).status == 200);
  CHECK(two.vault.takeUpdates().empty());
  const auto seen = two.poll(id, kCode).json();
  CHECK(seen["requestApproved"] == false);
  CHECK_FALSE(seen["responseDate"].is_null());
  CHECK(seen["key"].is_null());
  CHECK(two.answer(two.approver, id, true).status == 400);
  CHECK(two.logIn(id).status == 400);
}

TEST_CASE("an approved request is for its own device, its own code and a quarter of an hour") {
  TwoDevices two;
  const auto id = two.asked();
  REQUIRE(two.answer(two.approver, id, true).status == 200);
  CHECK(two.logIn(id, "abcdefghijklmnopqrstuvwxz").status == 400);
  CHECK(two.logIn(id, two.approver.passwordHash).status == 400);
  CHECK(two.logIn(id, kCode, "another-device").status == 400);
  CHECK(two.logIn("0f01a66f-7802-42bc-9647-a82600f11e10").status == 400);
  CHECK(two.poll(id, "wrong").status == 404);
  CHECK(two.poll("0f01a66f-7802-42bc-9647-a82600f11e10", kCode).status == 404);
  two.vault.clock().advance(kAuthRequestLifetime);
  CHECK(two.logIn(id).status == 400);
  CHECK(two.poll(id, kCode).status == 404);
}

TEST_CASE("what was approved ends with the sessions of the account") {
  TwoDevices two;
  const auto id = two.asked();
  REQUIRE(two.answer(two.approver, id, true).status == 200);
  const json secret{{"masterPasswordHash", two.approver.passwordHash}};
  SUBCASE("when the password is changed") {
    auto change = secret;
    change.update({{"newMasterPasswordHash", "new"}, {"key", testing::sealedText(3)}});
    REQUIRE(two.approver.post("/api/accounts/password", change).status == 200);
    CHECK(two.poll(id, kCode).status == 404);
  }
  SUBCASE("when all sessions are ended") {
    REQUIRE(two.approver.post("/api/accounts/security-stamp", secret).status == 200);
    CHECK(two.poll(id, kCode).status == 404);
  }
  SUBCASE("when the device that asked is removed") {
    REQUIRE(two.approver.remove("/api/devices/" + kNewDevice).status == 200);
  }
  CHECK(two.logIn(id).status == 400);
}

TEST_CASE("whoever waits for an answer may ask until it comes, and whoever guesses may not") {
  TwoDevices two;
  const auto id = two.asked();
  two.vault.restart([](VaultOptions& options) { options.anonymousLimit.burst = 5; });
  for (int i = 0; i < 10; ++i) CHECK(two.poll(id, kCode).status == 200);
  for (int i = 0; i < 5; ++i) CHECK(two.poll(id, "wrong").status == 404);
  CHECK(two.poll(id, "wrong").status == 429);
}

TEST_CASE("nobody else sees or answers a request") {
  TwoDevices two;
  const auto id = two.asked();
  const auto stranger = two.vault.signUp("stranger@example.test");
  CHECK(stranger.get("/api/auth-requests/" + id).status == 404);
  CHECK(stranger.get("/api/auth-requests/pending").json().at("data").empty());
  CHECK(two.answer(stranger, id, true).status == 404);
  // Nor with another device's name.
  auto form =
      json{{"key", kWrappedKey}, {"deviceIdentifier", kNewDevice}, {"requestApproved", true}};
  CHECK(two.approver.put("/api/auth-requests/" + id, form).status == 400);
  // A request of one account logs nobody else in.
  REQUIRE(two.answer(two.approver, id, true).status == 200);
  CHECK(two.vault
            .postForm(
                "/identity/connect/token",
                TestVault::passwordForm(stranger.email, kCode, kNewDevice) + "&authRequest=" + id)
            .status == 400);
}

TEST_CASE("only the newest request of a device can be approved") {
  TwoDevices two;
  const auto first = two.asked();
  two.vault.clock().advance(kSecond);
  const auto second = two.asked();
  CHECK(two.answer(two.approver, first, true).status == 400);
  CHECK(two.answer(two.approver, second, true).status == 200);
}

TEST_CASE("what is no request is refused, and unknown accounts and devices alike") {
  TwoDevices two;
  CHECK(two.vault.postJson("/api/auth-requests", two.body()).status == 400);  // No device type.
  auto unknownAccount = two.body();
  unknownAccount["email"] = "nobody@example.test";
  const auto refused = two.ask(unknownAccount);
  CHECK(refused.status == 400);
  CHECK(refused.body == two.ask(two.body("never-seen")).body);
  CHECK(two.ask(two.body(kNewDevice, std::string(26, 'x'))).status == 400);
  CHECK(two.ask(two.body(kNewDevice, "")).status == 400);
  auto wrongType = two.body();
  wrongType["type"] = 2;
  CHECK(two.ask(wrongType).status == 400);
  CHECK(two.vault.takeUpdates().empty());
}

TEST_CASE("requests do not pile up, and the job removes those that are over") {
  TwoDevices two;
  for (std::size_t i = 0; i < kMaxPendingRequests; ++i) CHECK(two.ask(two.body()).status == 200);
  CHECK(two.ask(two.body()).status == 429);
  two.vault.clock().advance(kAuthRequestLifetime + kSecond);
  CHECK(purgeAuthRequests(two.vault.service().context()) == kMaxPendingRequests);
  CHECK(purgeAuthRequests(two.vault.service().context()) == 0);
  CHECK(two.ask(two.body()).status == 200);
}

}  // namespace coffer::vault
