// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/identity_harness.h"
#include "services/vault/testing/mail_reader.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

constexpr const char* kRoute = "/api/accounts/password-hint";

void addAccount(TestVault& vault, const std::string& email, const nlohmann::json& hint) {
  auto body = TestVault::registrationBody(email, "hash");
  body["masterPasswordHint"] = hint;
  REQUIRE(vault.postJson("/api/accounts/register", body).status == 200);
}

}  // namespace

TEST_CASE("with mail the hint goes to its owner, and whoever asks sees the same every time") {
  TestVault vault([](VaultOptions& options) {
    useMail(options);
    options.showPasswordHints = true;
  });
  addAccount(vault, "some@example.test", "the usual");
  addAccount(vault, "none@example.test", nullptr);
  takeMails(vault);
  const auto ask = [&](const char* email) {
    const auto reply = vault.postJson(kRoute, {{"email", email}});
    CHECK(reply.status == 200);
    CHECK(reply.body.empty());
  };
  ask(" Some@Example.test");
  CHECK(onlyMail(vault, MailKind::PasswordHint, "some@example.test").plain.find("the usual") !=
        std::string::npos);
  ask("none@example.test");
  onlyMail(vault, MailKind::NoPasswordHint, "none@example.test");
  ask("nobody@example.test");
  CHECK(takeMails(vault).empty());
}

TEST_CASE("without mail the hint is shown only where the owner of the box wants that") {
  const auto message = [](bool isShown, bool isAllowed, const char* email) {
    TestVault vault([&](VaultOptions& options) { options.showPasswordHints = isShown; });
    addAccount(vault, "some@example.test", "the usual");
    vault.restart([&](VaultOptions& options) {
      options.showPasswordHints = isShown;
      options.passwordHints = isAllowed;
    });
    const auto reply = vault.postJson(kRoute, {{"email", email}});
    CHECK(reply.status == 400);
    return reply.json()["message"].get<std::string>();
  };
  CHECK(message(true, true, "some@example.test") == "Your password hint is: the usual");
  CHECK(message(true, true, "nobody@example.test") == "Sorry, you have no password hint...");
  for (const bool isShown : {true, false}) {
    CHECK(message(isShown, isShown ? false : true, "some@example.test") ==
          "This server is not configured to provide password hints.");
  }
}

TEST_CASE("asking for hints is limited by address") {
  TestVault vault([](VaultOptions& options) {
    useMail(options);
    options.anonymousLimit.burst = 2;
  });
  for (const int status : {200, 200, 429}) {
    CHECK(vault.postJson(kRoute, {{"email", "nobody@example.test"}}).status == status);
  }
}
