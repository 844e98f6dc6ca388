// SPDX-License-Identifier: BSD-2-Clause
//
// How often one may try to log in.
#include "services/vault/identity/identity_harness.h"
#include "services/vault/vault_metrics.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

TEST_CASE("logins are limited by address and by account") {
  const auto narrow = [](VaultOptions& options) { options.loginLimit.burst = 3; };
  const auto attempt = [](TestVault& vault, const std::string& email, const std::string& device) {
    return vault.postForm(kToken, TestVault::passwordForm(email, "wrong", device)).status;
  };
  SUBCASE("by address, whatever the account") {
    TestVault vault(narrow);
    for (int i = 0; i < 3; ++i) {
      CHECK(attempt(vault, "a" + std::to_string(i) + "@example.test", kDevice) == 400);
    }
    CHECK(attempt(vault, "b@example.test", kDevice) == 429);
    CHECK(vault.service().metrics()->logins(GrantType::Password, GrantResult::Throttled) == 1);
    vault.useClientAddress("192.0.2.8");
    CHECK(attempt(vault, "b@example.test", kDevice) == 400);
    vault.useClientAddress("192.0.2.7");
    vault.clock().advance(kMinute);
    CHECK(attempt(vault, "b@example.test", kDevice) == 400);
    CHECK(attempt(vault, "b@example.test", kDevice) == 429);
  }
  SUBCASE("by account, whatever the address; its own devices still get in") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    // One that does not exist has as many attempts as one that was entered a moment ago.
    for (const std::string& email : {alice.email, std::string("nobody@example.test")}) {
      int refused = 0;
      for (int i = 0; i < 10; ++i) {
        vault.useClientAddress("198.51." + std::to_string(email.size()) + "." + std::to_string(i));
        if (attempt(vault, email, kDevice) == 429) ++refused;
      }
      CHECK(refused == 7);
    }
    vault.useClientAddress("203.0.113.9");
    vault.logIn(alice.email, alice.passwordHash, alice.device);
  }
  SUBCASE("by device, whatever the address, for whoever knows one of the account's") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    vault.logIn(alice.email, alice.passwordHash, kDevice);
    int refused = 0;
    for (int i = 0; i < 10; ++i) {
      vault.useClientAddress("198.51.100." + std::to_string(i));
      if (attempt(vault, alice.email, alice.device) == 429) ++refused;
    }
    CHECK(refused == 7);
    vault.useClientAddress("203.0.113.9");
    CHECK(vault
              .postForm(kToken,
                        TestVault::passwordForm(alice.email, alice.passwordHash, alice.device))
              .status == 429);
    vault.logIn(alice.email, alice.passwordHash, kDevice);
  }
  SUBCASE("a device that knows the password is not limited but by its address") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    for (int i = 0; i < 10; ++i) {
      vault.useClientAddress("198.51.100." + std::to_string(i));
      vault.logIn(alice.email, alice.passwordHash, alice.device);
    }
  }
  SUBCASE("refreshing is not limited") {
    TestVault vault(narrow);
    const auto alice = vault.signUp("alice@example.test");
    for (int i = 0; i < 20; ++i) {
      CHECK(vault.postForm(kToken, refreshForm(alice.refreshToken)).status == 200);
    }
  }
}
