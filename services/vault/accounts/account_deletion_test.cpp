// SPDX-License-Identifier: BSD-2-Clause
//
// The end of an account.
#include "services/vault/identity/identity_harness.h"
#include "services/vault/testing/mail_reader.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kAsk = "/api/accounts/delete-recover";
constexpr const char* kDelete = "/api/accounts/delete-recover-token";

bool exists(TestVault& vault, const std::string& email) {
  return vault.database().read([&](storage::Transaction& tx) {
    return storage::UserStore(tx).findByEmail(email).has_value();
  });
}

}  // namespace

TEST_CASE("who lost the password deletes the account by a link in a mail, once") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  takeMails(vault);
  REQUIRE(vault.postJson(kAsk, {{"email", " Alice@Example.test"}}).status == 200);
  const auto mail = onlyMail(vault, MailKind::DeleteAccount, alice.email);
  const json form{{"userId", linkValue(mail, "userId")}, {"token", linkValue(mail, "token")}};
  const auto show = [&](const json& shown) { return vault.postJson(kDelete, shown).status; };

  SUBCASE("by its owner") {
    vault.takeUpdates();
    CHECK(show(form) == 200);
    CHECK_FALSE(exists(vault, alice.email));
    CHECK(alice.get("/api/sync").status == 401);
    const auto updates = vault.takeUpdates();
    REQUIRE(updates.size() == 1);
    CHECK(updates[0].type == UpdateType::LogOut);
    CHECK(updates[0].userId == alice.userId);
    vault.signUp(alice.email);
    CHECK(show(form) == 400);
    CHECK(exists(vault, alice.email));
  }
  SUBCASE("not another account, nor by another or a changed token") {
    const auto bob = vault.signUp("bob@example.test");
    takeMails(vault);
    CHECK(show({{"userId", bob.userId}, {"token", form["token"]}}) == 400);
    CHECK(show({{"userId", alice.userId}, {"token", alice.accessToken}}) == 400);
    CHECK(show({{"userId", alice.userId}, {"token", form["token"].get<std::string>() + "x"}}) ==
          400);
    REQUIRE(alice.post("/api/accounts/verify-email").status == 200);
    const auto other = linkValue(onlyMail(vault, MailKind::VerifyEmail, alice.email), "token");
    CHECK(show({{"userId", alice.userId}, {"token", other}}) == 400);
    CHECK(exists(vault, alice.email));
    CHECK(exists(vault, bob.email));
  }
  SUBCASE("not when the link is too old") {
    vault.clock().advance(5 * kDay + kMinute);
    CHECK(show(form) == 400);
    CHECK(exists(vault, alice.email));
  }
}

TEST_CASE("whether an address has an account is not told by the way to delete it") {
  TestVault vault(&useMail);
  const auto reply = vault.postJson(kAsk, {{"email", "nobody@example.test"}});
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(takeMails(vault).empty());
}

TEST_CASE("without mail the owner of the box deletes accounts") {
  TestVault vault;
  vault.signUp("alice@example.test");
  for (const char* email : {"alice@example.test", "nobody@example.test"}) {
    const auto reply = vault.postJson(kAsk, {{"email", email}});
    CHECK(reply.status == 400);
    CHECK(reply.json()["message"] == "Please contact the administrator to delete your account");
  }
}

TEST_CASE("an account that is deleted in a session logs its devices out") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  vault.takeUpdates();
  CHECK(alice.remove("/api/accounts", {{"masterPasswordHash", "wrong"}}).status == 400);
  CHECK(vault.takeUpdates().empty());
  CHECK(alice.remove("/api/accounts", {{"masterPasswordHash", alice.passwordHash}}).status == 200);
  CHECK(vault.takeUpdates().size() == 1);
  CHECK_FALSE(exists(vault, alice.email));
}
