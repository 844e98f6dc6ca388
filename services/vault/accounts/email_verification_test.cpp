// SPDX-License-Identifier: BSD-2-Clause
//
// Proving an address, and being kept out until it is proved.
#include "services/vault/identity/identity_harness.h"
#include "services/vault/testing/mail_reader.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kAsk = "/api/accounts/verify-email";
constexpr const char* kShow = "/api/accounts/verify-email-token";

void useVerification(VaultOptions& options) {
  useMail(options);
  options.verifySignups = true;
}

int show(TestVault& vault, const std::string& userId, const std::string& token) {
  return vault.postJson(kShow, {{"userId", userId}, {"token", token}}).status;
}

}  // namespace

TEST_CASE("an address is proved by the link that is mailed to it") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  takeMails(vault);
  CHECK(alice.get("/api/accounts/profile").json()["emailVerified"] == false);
  CHECK(claimsOf(alice.accessToken)["email_verified"] == false);
  REQUIRE(alice.post(kAsk).status == 200);
  const auto mail = onlyMail(vault, MailKind::VerifyEmail, alice.email);
  const auto token = linkValue(mail, "token");
  CHECK(linkValue(mail, "userId") == alice.userId);

  SUBCASE("by its owner") {
    CHECK(show(vault, alice.userId, token) == 200);
    CHECK(alice.get("/api/accounts/profile").json()["emailVerified"] == true);
    CHECK(alice.get("/api/sync").json()["profile"]["emailVerified"] == true);
    CHECK(show(vault, alice.userId, token) == 200);  // A second click does no harm.
  }
  SUBCASE("not for another account") {
    const auto bob = vault.signUp("bob@example.test");
    CHECK(show(vault, bob.userId, token) == 400);
  }
  SUBCASE("not by a changed token, nor by one for something else") {
    CHECK(show(vault, alice.userId, token + "x") == 400);
    CHECK(show(vault, alice.userId, alice.accessToken) == 400);
    CHECK(show(vault, "nobody", token) == 400);
  }
  SUBCASE("not when it is too old") {
    vault.clock().advance(5 * kDay + kMinute);
    CHECK(show(vault, alice.userId, token) == 400);
  }
  SUBCASE("not once the account has another address") {
    vault.database().write([&](storage::Transaction& tx) {
      REQUIRE(storage::UserStore(tx).setEmail(alice.userId, "a2@example.test", std::nullopt,
                                              vault.clock().now()));
    });
    CHECK(show(vault, alice.userId, token) == 400);
  }
}

TEST_CASE("without mail every address counts as proved, and none can be") {
  TestVault vault([](VaultOptions& options) { options.verifySignups = true; });
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.get("/api/accounts/profile").json()["emailVerified"] == true);
  const auto reply = alice.post(kAsk);
  CHECK(reply.status == 400);
  CHECK(reply.json()["message"] == "Cannot verify email address");
}

TEST_CASE("an account of an old client is entered once its address is proved") {
  TestVault vault(&useVerification);
  const std::string email = "alice@example.test";
  REQUIRE(
      vault.postJson("/api/accounts/register", TestVault::registrationBody(email, "hash")).status ==
      200);
  const auto mail = onlyMail(vault, MailKind::WelcomeMustVerify, email);
  const auto enter = [&](const char* hash = "hash") {
    return vault.postForm(kToken, TestVault::passwordForm(email, hash, kDevice));
  };
  const auto refused = enter();
  CHECK(refused.status == 400);
  CHECK(refused.json()["error"] == "invalid_grant");
  CHECK(refused.json()["ErrorModel"]["Message"] == "Please verify your email before trying again.");
  CHECK(enter("wrong").json()["error_description"] == "invalid_username_or_password");
  CHECK(show(vault, linkValue(mail, "userId"), linkValue(mail, "token")) == 200);
  CHECK(enter().status == 200);
}

TEST_CASE("who is kept out is mailed again once an hour, and not for ever") {
  TestVault vault(&useVerification);
  const std::string email = "alice@example.test";
  vault.postJson("/api/accounts/register", TestVault::registrationBody(email, "hash"));
  takeMails(vault);
  int mails = 0;
  for (int hour = 0; hour < 12; ++hour) {
    for (int i = 0; i < 2; ++i) {
      vault.postForm(kToken, TestVault::passwordForm(email, "hash", kDevice));
    }
    const auto sent = takeMails(vault);
    CHECK(sent.size() <= 1);
    mails += static_cast<int>(sent.size());
    vault.clock().advance(kHour);
  }
  CHECK(mails == 5);  // The welcome was the first of six.
}

TEST_CASE("new clients register with the link in a mail") {
  TestVault vault(&useVerification);
  const std::string email = "new@example.test";
  const auto begin = [&](const std::string& address) {
    return vault.postJson("/identity/accounts/register/send-verification-email",
                          {{"email", address}, {"name", "Nora"}});
  };
  const auto begun = begin("New@Example.test");
  CHECK(begun.status == 204);
  CHECK(begun.body.empty());
  const auto token = linkValue(onlyMail(vault, MailKind::RegisterVerifyEmail, email), "token");

  auto form = TestVault::registrationBody(email, "hash");
  form["emailVerificationToken"] = token;
  form["userSymmetricKey"] = form["key"];
  form["userAsymmetricKeys"] = form["keys"];
  const auto finish = [&] {
    return vault.postJson("/identity/accounts/register/finish", form).status;
  };
  SUBCASE("and are proved and welcome then") {
    CHECK(finish() == 200);
    onlyMail(vault, MailKind::Welcome, email);
    CHECK(userOf(vault, email).emailVerifiedAt);
    CHECK(userOf(vault, email).name == "Nora");
    vault.logIn(email, "hash", kDevice);
  }
  SUBCASE("and the same answer for an address with an account, which gets no mail") {
    REQUIRE(finish() == 200);
    takeMails(vault);
    const auto again = begin(email);
    CHECK(again.status == 204);
    CHECK(again.body.empty());
    CHECK(takeMails(vault).empty());
  }
  SUBCASE("but not with the token of another address") {
    form["email"] = "other@example.test";
    CHECK(finish() == 400);
  }
}
