// SPDX-License-Identifier: BSD-2-Clause
//
// Moving to another address.
#include "services/vault/identity/identity_harness.h"
#include "services/vault/testing/mail_reader.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kBegin = "/api/accounts/email-token";
constexpr const char* kFinish = "/api/accounts/email";
constexpr const char* kNew = "alice@new.test";

json beginning(const TestClient& client, const std::string& email = kNew) {
  return {{"masterPasswordHash", client.passwordHash}, {"newEmail", email}};
}

json finishing(const TestClient& client, const json& code, const std::string& email = kNew) {
  return {{"masterPasswordHash", client.passwordHash},
          {"newEmail", email},
          {"token", code},
          {"newMasterPasswordHash", "new hash"},
          {"key", sealedText(9)}};
}

}  // namespace

TEST_CASE("an account moves to the address its code was mailed to, and every session ends") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  takeMails(vault);
  REQUIRE(alice.post(kBegin, beginning(alice, " Alice@New.test ")).status == 200);
  const auto code = codeIn(onlyMail(vault, MailKind::ChangeEmail, kNew));
  vault.takeUpdates();
  REQUIRE(alice.post(kFinish, finishing(alice, code)).status == 200);

  const auto user = userOf(vault, kNew);
  CHECK(user.id == alice.userId);
  CHECK(user.emailVerifiedAt);
  CHECK(user.userKey == sealedText(9));
  CHECK(alice.get("/api/accounts/profile").status == 401);
  CHECK(alice.get("/api/accounts/revision-date").status == 401);
  CHECK(vault.postForm(kToken, refreshForm(alice.refreshToken)).status == 400);
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::LogOut);
  CHECK(updates[0].actingDevice.empty());
  CHECK(vault
            .postForm(kToken, TestVault::passwordForm("alice@example.test", alice.passwordHash,
                                                      alice.device))
            .status == 400);
  const auto again = vault.logIn(kNew, "new hash", alice.device);
  CHECK(again.get("/api/accounts/profile").json()["email"] == kNew);
}

TEST_CASE("an address change is refused without the right password, address and code") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  takeMails(vault);
  const auto refused = [&](const char* route, const json& form, const std::string& message) {
    const auto reply = alice.post(route, form);
    CHECK(reply.status == 400);
    CHECK(reply.json()["message"] == message);
  };
  refused(kFinish, finishing(alice, "123456"), "No email change pending");
  auto wrong = beginning(alice);
  wrong["masterPasswordHash"] = "wrong";
  refused(kBegin, wrong, "Invalid password.");
  refused(kBegin, beginning(alice, alice.email), "Email already in use");
  CHECK(alice.post(kBegin, beginning(alice, "nowhere")).status == 400);
  CHECK(takeMails(vault).empty());

  REQUIRE(alice.post(kBegin, beginning(alice)).status == 200);
  const auto code = codeIn(onlyMail(vault, MailKind::ChangeEmail, kNew));
  refused(kFinish, finishing(alice, code, "other@new.test"), "Email change mismatch");
  auto badPassword = finishing(alice, code);
  badPassword["masterPasswordHash"] = "wrong";
  refused(kFinish, badPassword, "Invalid password.");

  SUBCASE("a code that is too old") {
    vault.clock().advance(600 * kSecond);
    refused(kFinish, finishing(alice, code), "No email change pending");
  }
  SUBCASE("three wrong codes end it") {
    for (int i = 0; i < 3; ++i) {
      refused(kFinish, finishing(alice, wrongCode(code)), "Token mismatch");
    }
    refused(kFinish, finishing(alice, code), "No email change pending");
  }
  SUBCASE("a code as a number is good") {
    CHECK(alice.post(kFinish, finishing(alice, std::stoi(code))).status == 200);
  }
  SUBCASE("an address that somebody took meanwhile") {
    vault.signUp(kNew);
    refused(kFinish, finishing(alice, code), "Email already in use");
    CHECK(userOf(vault, alice.email).id == alice.userId);
  }
}

TEST_CASE("with mail, nobody learns from an address change that an address is taken") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  takeMails(vault);
  const auto reply = alice.post(kBegin, beginning(alice, bob.email));
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  const auto mail = onlyMail(vault, MailKind::ChangeEmailExisting, bob.email);
  CHECK(mail.plain.find(alice.email) != std::string::npos);
  const auto refused = alice.post(kFinish, finishing(alice, "123456", bob.email));
  CHECK(refused.status == 400);
  CHECK(refused.json()["message"] == "Token mismatch");
}

TEST_CASE("without mail no code is needed, and the new address proves nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  CHECK(alice.post(kBegin, beginning(alice, bob.email)).json()["message"] ==
        "Email already in use");
  CHECK(alice.post(kFinish, finishing(alice, "", kNew)).json()["message"] ==
        "No email change pending");
  REQUIRE(alice.post(kBegin, beginning(alice)).status == 200);
  CHECK(alice.post(kFinish, finishing(alice, "123456")).status == 200);
  CHECK_FALSE(userOf(vault, kNew).emailVerifiedAt);
}

TEST_CASE("the owner of the box decides whether and where accounts may move") {
  const auto message = [](const std::function<void(VaultOptions&)>& change,
                          const std::string& email) {
    TestVault vault(change);
    const auto alice = vault.signUp("alice@example.test");
    const auto reply = alice.post(kBegin, beginning(alice, email));
    return reply.status == 200 ? std::string() : reply.json()["message"].get<std::string>();
  };
  CHECK(message([](VaultOptions& options) { options.emailChange = false; }, kNew) ==
        "Email change is not allowed.");
  const auto domains = [](VaultOptions& options) {
    options.signups = SignupPolicy::Domains;
    options.signupDomains = {"example.test"};
  };
  CHECK(message(domains, kNew) == "Email domain not allowed");
  CHECK(message(domains, "a2@example.test").empty());
}
