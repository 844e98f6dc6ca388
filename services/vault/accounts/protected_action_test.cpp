// SPDX-License-Identifier: BSD-2-Clause
//
// Codes in the place of the master password.
#include "services/vault/identity/identity_harness.h"
#include "services/vault/testing/mail_reader.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kRequest = "/api/accounts/request-otp";
constexpr const char* kVerify = "/api/accounts/verify-otp";
constexpr const char* kSecret = "/api/accounts/api-key";

std::string requestCode(TestVault& vault, const TestClient& client) {
  takeMails(vault);
  REQUIRE(client.post(kRequest).status == 200);
  return codeIn(onlyMail(vault, MailKind::ProtectedAction, client.email));
}

}  // namespace

TEST_CASE("a mailed code is good for one protected action") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto code = requestCode(vault, alice);
  CHECK(alice.post(kSecret, {{"otp", code}}).status == 200);
  const auto again = alice.post(kSecret, {{"otp", code}});
  CHECK(again.status == 400);
  CHECK(again.json()["validationErrors"][""][0] == "User verification failed.");
}

TEST_CASE("a code is for one account") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  const auto code = requestCode(vault, alice);
  CHECK(bob.post(kSecret, {{"otp", code}}).status == 400);
  CHECK(alice.post(kSecret, {{"otp", code}}).status == 200);
}

TEST_CASE("the password decides where both are sent, and an empty one is none") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto code = requestCode(vault, alice);
  CHECK(alice.post(kSecret, {{"masterPasswordHash", "wrong"}, {"otp", code}}).status == 400);
  CHECK(alice.post(kSecret, {{"masterPasswordHash", alice.passwordHash}, {"otp", "x"}}).status ==
        200);
  CHECK(alice.post(kSecret, {{"masterPasswordHash", ""}, {"otp", code}}).status == 200);
  CHECK(alice.post(kSecret, {{"masterPasswordHash", nullptr}, {"otp", ""}}).status == 400);
}

TEST_CASE("verify-otp uses the code up, under either spelling") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto code = requestCode(vault, alice);
  const auto wrong = alice.post(kVerify, {{"OTP", wrongCode(code)}});
  CHECK(wrong.status == 400);
  CHECK(wrong.json()["message"] == "Invalid token");
  CHECK(alice.post(kVerify, {{"OTP", code}}).status == 200);
  CHECK(alice.post(kVerify, {{"otp", code}}).status == 400);
}

TEST_CASE("codes are mailed at most every thirty seconds") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  requestCode(vault, alice);
  vault.clock().advance(10 * kSecond);
  const auto early = alice.post(kRequest);
  CHECK(early.status == 400);
  CHECK(early.json()["message"] == "Please wait 20 seconds before requesting another code.");
  CHECK(takeMails(vault).empty());
  vault.clock().advance(20 * kSecond);
  requestCode(vault, alice);
}

TEST_CASE("guessing codes is limited beyond the tries of one code") {
  TestVault vault([](VaultOptions& options) {
    useMail(options);
    options.loginLimit.burst = 5;
    options.newDeviceMail = false;
  });
  const auto alice = vault.signUp("alice@example.test");
  int limited = 0;
  for (int i = 0; i < 8; ++i) {
    if (alice.post(kVerify, {{"otp", "1"}}).status == 429) ++limited;
  }
  CHECK(limited == 3);
}

TEST_CASE("without mail there are no codes") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.post(kRequest).status == 400);
  CHECK(alice.post(kVerify, {{"otp", "123456"}}).status == 400);
}
