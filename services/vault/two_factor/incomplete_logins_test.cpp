// SPDX-License-Identifier: BSD-2-Clause
//
// Telling people of logins that had their password and not their factor.
#include "services/vault/two_factor/incomplete_logins.h"

#include "services/vault/two_factor/factor_harness.h"
#include "storage/stores/incomplete_login_store.h"

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

std::vector<storage::IncompleteLogin> openLogins(TestVault& vault) {
  return vault.database().read([&](storage::Transaction& tx) {
    return storage::IncompleteLoginStore(tx).listBefore(vault.clock().now() + 1, 100);
  });
}

std::uint64_t runJob(TestVault& vault) { return noticeIncompleteLogins(vault.service().context()); }

}  // namespace

TEST_CASE("a login that stops at its factor is told of after three minutes, once") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  vault.useClientAddress("203.0.113.9");
  const auto start = vault.clock().now();
  REQUIRE(isChallenge(tryLogin(alice, kDevice)));

  const auto open = openLogins(vault);
  REQUIRE(open.size() == 1);
  CHECK(open[0].userId == alice.userId);
  CHECK(open[0].deviceIdentifier == kDevice);
  CHECK(open[0].deviceName == "linux");
  CHECK(open[0].deviceType == 25);
  CHECK(open[0].ipAddress == "203.0.113.9");
  CHECK(open[0].createdAt == start);

  SUBCASE("not before") {
    vault.clock().advance(3 * kMinute);
    CHECK(runJob(vault) == 0);
    CHECK(openLogins(vault).size() == 1);
  }
  SUBCASE("nor put off by trying again") {
    vault.clock().advance(2 * kMinute);
    CHECK(isChallenge(tryLogin(alice, kDevice)));
    CHECK(isWrongFactor(tryLogin(alice, kDevice, {.provider = 0, .token = "000000"})));
    vault.clock().advance(kMinute + kSecond);
    takeMails(vault);
    CHECK(runJob(vault) == 1);
    CHECK(openLogins(vault).empty());
    CHECK(runJob(vault) == 0);
    const auto mails = takeMails(vault);
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].recipient == alice.email);
    CHECK(mails[0].kind == "incomplete_2fa_login");
    CHECK(mails[0].plain.find("203.0.113.9") != std::string::npos);
    CHECK(mails[0].plain.find("linux") != std::string::npos);
    CHECK(mails[0].plain.find("within 3 minutes") != std::string::npos);
  }
  SUBCASE("and not when it was completed") {
    const auto code = nextCode(vault, key);
    CHECK(tryLogin(alice, kDevice, {.provider = 0, .token = code}).status == 200);
    CHECK(openLogins(vault).empty());
  }
}

TEST_CASE("each device of each account is told of, however many there are") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  enableAuthenticator(alice);
  vault.database().write([&](storage::Transaction& tx) {
    for (int i = 0; i < 250; ++i) {
      storage::IncompleteLoginStore(tx).recordFirst({alice.userId, "device-" + std::to_string(i),
                                                     "linux", 25, "192.0.2.7",
                                                     vault.clock().now()});
    }
  });
  vault.clock().advance(4 * kMinute);
  CHECK(runJob(vault) == 250);
  CHECK(openLogins(vault).empty());
}

TEST_CASE("a code shown at once leaves nothing to tell of") {
  TestVault vault(&useMail);
  const auto alice = vault.signUp("alice@example.test");
  const auto key = enableAuthenticator(alice);
  CHECK(tryLogin(alice, kDevice, {.provider = 0, .token = nextCode(vault, key)}).status == 200);
  CHECK(openLogins(vault).empty());
}

TEST_CASE("nothing is recorded or told without mail, or when the owner wants no notices") {
  TestVault vault([](VaultOptions&) {});
  SUBCASE("no mail") {}
  SUBCASE("no notices") {
    vault.restart([](VaultOptions& options) {
      useMail(options);
      options.incompleteLoginNotice = std::chrono::seconds{0};
    });
  }
  const auto alice = vault.signUp("alice@example.test");
  enableAuthenticator(alice);
  CHECK(isChallenge(tryLogin(alice, kDevice)));
  CHECK(openLogins(vault).empty());
  CHECK(runJob(vault) == 0);
}
