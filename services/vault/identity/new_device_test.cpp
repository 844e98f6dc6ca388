// SPDX-License-Identifier: BSD-2-Clause
//
// Logging in from somewhere new.
#include "services/vault/identity/identity_harness.h"
#include "services/vault/testing/mail_reader.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kResend = "/api/accounts/resend-new-device-otp";

Reply enter(TestVault& vault, const TestClient& client, const std::string& code = {},
            const std::string& device = kDevice) {
  auto form = TestVault::passwordForm(client.email, client.passwordHash, device);
  if (!code.empty()) form += "&newDeviceOtp=" + code;
  return vault.postForm(kToken, form);
}

// An account that is old enough.
struct Scene {
  explicit Scene(const std::function<void(VaultOptions&)>& change = &useMail) : vault(change) {
    vault.clock().advance(kDay + kMinute);
    alice = vault.logIn(alice.email, alice.passwordHash, alice.device);
    takeMails(vault);
  }
  TestVault vault;
  TestClient alice = vault.signUp("alice@example.test");
};

}  // namespace

TEST_CASE("a new device is let in with the code that is mailed") {
  Scene scene;
  auto& vault = scene.vault;
  const auto asked = enter(vault, scene.alice);
  CHECK(asked.status == 400);
  CHECK(asked.json()["error"] == "device_error");
  CHECK(asked.json()["ErrorModel"]["Message"] == "new device verification required");
  const auto code = codeIn(onlyMail(vault, MailKind::NewDeviceCode, scene.alice.email));

  CHECK(enter(vault, scene.alice).status == 400);
  CHECK(takeMails(vault).empty());  // One mail is enough.
  const auto wrong = enter(vault, scene.alice, wrongCode(code));
  CHECK(wrong.status == 400);
  CHECK(wrong.json()["ErrorModel"]["Message"] == "invalid new device otp");
  CHECK_FALSE(userOf(vault, scene.alice.email).emailVerifiedAt);

  CHECK(enter(vault, scene.alice, code).status == 200);
  CHECK(userOf(vault, scene.alice.email).emailVerifiedAt);
  const auto mail = onlyMail(vault, MailKind::NewDeviceLoggedIn, scene.alice.email);
  CHECK(mail.plain.find("192.0.2.7") != std::string::npos);
  CHECK(enter(vault, scene.alice).status == 200);  // It is known now.
  CHECK(takeMails(vault).empty());
  CHECK(enter(vault, scene.alice, code, "another").status == 400);  // The code is used up.
}

TEST_CASE("a code for a new device cannot be guessed by trying, from however many addresses") {
  Scene scene([](VaultOptions& options) {
    useMail(options);
    options.loginLimit.burst = 3;
  });
  auto& vault = scene.vault;
  int address = 0;
  const auto attempt = [&](const std::string& code, UnixMicros pause = kMinute) {
    vault.clock().advance(pause);  // No other limit is in the way.
    vault.useClientAddress("198.51.100." + std::to_string(++address));
    return enter(vault, scene.alice, code).status;
  };
  const auto mailed = [&] {
    CHECK(attempt({}) == 400);
    return codeIn(onlyMail(vault, MailKind::NewDeviceCode, scene.alice.email));
  };
  const auto wrong = wrongCode(mailed());
  for (int i = 0; i < 3; ++i) CHECK(attempt(wrong) == 400);
  const auto code = mailed();
  CHECK(attempt(code) == 429);  // Not even the right one.
  CHECK(enter(vault, scene.alice, {}, scene.alice.device).status == 200);
  CHECK(attempt(code, 7 * kMinute) == 200);  // Eleven minutes gave one try back.
}

TEST_CASE("a wrong password asks for no code") {
  Scene scene;
  scene.alice.passwordHash = "wrong";
  CHECK(enter(scene.vault, scene.alice).json()["error"] == "invalid_grant");
  CHECK(takeMails(scene.vault).empty());
}

TEST_CASE("no code is asked for where it could not be answered or is not wanted") {
  SUBCASE("without mail") {
    Scene scene([](VaultOptions&) {});
    CHECK(enter(scene.vault, scene.alice).status == 200);
  }
  SUBCASE("when the owner of the box does not want it") {
    Scene scene([](VaultOptions& options) {
      useMail(options);
      options.newDeviceVerification = false;
    });
    CHECK(enter(scene.vault, scene.alice).status == 200);
  }
  SUBCASE("when the owner of the account does not want it") {
    Scene scene;
    REQUIRE(scene.alice
                .put("/api/accounts/verify-devices",
                     {{"masterPasswordHash", scene.alice.passwordHash}, {"verifyDevices", false}})
                .status == 200);
    CHECK(enter(scene.vault, scene.alice).status == 200);
  }
  SUBCASE("in the account's first day") {
    TestVault vault(&useMail);
    CHECK(enter(vault, vault.signUp("alice@example.test")).status == 200);
  }
  SUBCASE("at the account's first login") {
    TestVault vault(&useMail);
    TestClient alice;
    alice.email = "alice@example.test";
    alice.passwordHash = "hash";
    const auto body = TestVault::registrationBody(alice.email, alice.passwordHash);
    REQUIRE(vault.postJson("/api/accounts/register", body).status == 200);
    vault.clock().advance(kDay + kMinute);
    takeMails(vault);
    CHECK(enter(vault, alice).status == 200);
    CHECK(takeMails(vault).empty());
  }
}

TEST_CASE("whoever ends all sessions is protected from then on as well") {
  Scene scene;
  REQUIRE(
      scene.alice
          .post("/api/accounts/security-stamp", {{"masterPasswordHash", scene.alice.passwordHash}})
          .status == 200);
  CHECK(enter(scene.vault, scene.alice).json()["error"] == "device_error");
  const auto code = codeIn(onlyMail(scene.vault, MailKind::NewDeviceCode, scene.alice.email));
  CHECK(enter(scene.vault, scene.alice, code).status == 200);
  onlyMail(scene.vault, MailKind::NewDeviceLoggedIn, scene.alice.email);
}

TEST_CASE("an outbox that is full keeps nobody out") {
  constexpr int kMaxWaiting = 10'000;
  Scene scene([](VaultOptions& options) {
    useMail(options);
    options.newDeviceVerification = false;
  });
  scene.vault.database().write([&](storage::Transaction& tx) {
    storage::OutboxStore outbox(tx);
    for (int i = 0; i < kMaxWaiting; ++i) {
      outbox.insert({.recipient = "x",
                     .kind = "x",
                     .subject = "",
                     .plain = "",
                     .html = "",
                     .createdAt = 1,
                     .dueAt = 1});
    }
  });
  CHECK(enter(scene.vault, scene.alice).status == 200);
}

TEST_CASE("the code is mailed again to whoever knows the password, and the answer never tells") {
  Scene scene;
  auto& vault = scene.vault;
  const auto resend = [&](const std::string& email, const std::string& hash) {
    const auto reply = vault.postJson(kResend, {{"email", email}, {"masterPasswordHash", hash}});
    CHECK(reply.status == 200);
    CHECK(reply.body.empty());
  };
  resend(scene.alice.email, "wrong");
  resend("nobody@example.test", scene.alice.passwordHash);
  CHECK(takeMails(vault).empty());
  resend(scene.alice.email, scene.alice.passwordHash);
  const auto code = codeIn(onlyMail(vault, MailKind::NewDeviceCode, scene.alice.email));
  CHECK(enter(vault, scene.alice, code).status == 200);
}

TEST_CASE("a login with the API key from a new device is told of, and asks for nothing") {
  Scene scene;
  auto& vault = scene.vault;
  const std::string key =
      scene.alice.post("/api/accounts/api-key", {{"masterPasswordHash", scene.alice.passwordHash}})
          .json()["apiKey"];
  const std::string form = "grant_type=client_credentials&scope=api&client_id=user." +
                           scene.alice.userId + "&client_secret=" + key +
                           "&deviceType=25&deviceName=linux&deviceIdentifier=" + kDevice;
  CHECK(vault.postForm(kToken, form).status == 200);
  onlyMail(vault, MailKind::NewDeviceLoggedIn, scene.alice.email);
  CHECK(vault.postForm(kToken, form).status == 200);
  CHECK(takeMails(vault).empty());
}
