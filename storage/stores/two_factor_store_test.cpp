// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/two_factor_store.h"

#include "storage/stores/device_store.h"
#include "storage/stores/incomplete_login_store.h"
#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::storage;

namespace {

TwoFactorRow makeRow(const std::string& owner, int type, std::string data = "data") {
  return {.userId = owner,
          .type = type,
          .enabled = true,
          .data = std::move(data),
          .lastUsed = 0,
          .createdAt = kStart,
          .revisedAt = kStart};
}

IncompleteLogin makeLogin(const std::string& owner, const std::string& device, UnixMicros at) {
  return {owner, device, "linux", 25, "192.0.2.7", at};
}

}  // namespace

TEST_CASE("a user's second factors are kept one of a kind, each user's own") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    TwoFactorStore factors(tx);
    CHECK_FALSE(factors.hasAny(vault.alice));
    factors.put(makeRow(vault.alice, 3));
    factors.put(makeRow(vault.alice, 0, "old"));
    factors.put(makeRow(vault.mallory, 1));

    auto again = makeRow(vault.alice, 0, "new");
    again.createdAt = again.revisedAt = kStart + kDay;
    again.lastUsed = 7;
    factors.put(again);

    const auto list = factors.list(vault.alice);
    REQUIRE(list.size() == 2);
    CHECK(list[0].type == 0);
    CHECK(list[0].data == "new");
    CHECK(list[0].lastUsed == 7);
    CHECK(list[0].createdAt == kStart);
    CHECK(list[0].revisedAt == kStart + kDay);
    CHECK(list[1].type == 3);
    CHECK_FALSE(factors.find(vault.alice, 1));
    CHECK(factors.find(vault.mallory, 1)->userId == vault.mallory);

    CHECK(factors.remove(vault.alice, 0));
    CHECK_FALSE(factors.remove(vault.alice, 0));
    CHECK(factors.hasAny(vault.alice));
    CHECK(factors.removeAll(vault.alice) == 1);
    CHECK_FALSE(factors.hasAny(vault.alice));
    CHECK(factors.isEnabled(vault.mallory, 1));
  });
}

TEST_CASE("a factor whose set-up was only begun does not count") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    TwoFactorStore factors(tx);
    auto begun = makeRow(vault.alice, 0);
    begun.enabled = false;
    factors.put(begun);
    CHECK(factors.find(vault.alice, 0));
    CHECK_FALSE(factors.isEnabled(vault.alice, 0));
    CHECK_FALSE(factors.hasAny(vault.alice));
    CHECK_FALSE(factors.raiseLastUsed(vault.alice, 0, "data", 5));
  });
}

TEST_CASE("a time step is accepted once, and none before it afterwards") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    TwoFactorStore factors(tx);
    factors.put(makeRow(vault.alice, 0, "key"));
    CHECK(factors.raiseLastUsed(vault.alice, 0, "key", 100));
    CHECK_FALSE(factors.raiseLastUsed(vault.alice, 0, "key", 100));
    CHECK_FALSE(factors.raiseLastUsed(vault.alice, 0, "key", 99));
    CHECK_FALSE(factors.raiseLastUsed(vault.alice, 0, "another key", 101));
    CHECK_FALSE(factors.raiseLastUsed(vault.mallory, 0, "key", 101));
    CHECK(factors.raiseLastUsed(vault.alice, 0, "key", 101));
    CHECK(factors.find(vault.alice, 0)->lastUsed == 101);
  });
}

TEST_CASE("the first incomplete login of a device is the one that is told of") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    IncompleteLoginStore logins(tx);
    logins.recordFirst(makeLogin(vault.alice, "phone", kStart + 2));
    logins.recordFirst(makeLogin(vault.alice, "phone", kStart + 9));
    logins.recordFirst(makeLogin(vault.mallory, "phone", kStart + 1));
    logins.recordFirst(makeLogin(vault.alice, "laptop", kStart + 3));

    auto due = logins.listBefore(kStart + 3, 10);
    REQUIRE(due.size() == 2);
    CHECK(due[0].userId == vault.mallory);
    CHECK(due[1].createdAt == kStart + 2);
    CHECK(due[1].ipAddress == "192.0.2.7");
    CHECK(due[1].deviceType == 25);
    CHECK(logins.listBefore(kStart + 3, 1).size() == 1);

    CHECK_FALSE(logins.removeIfFrom(makeLogin(vault.mallory, "phone", kStart + 2)));
    CHECK(logins.removeIfFrom(makeLogin(vault.mallory, "phone", kStart + 1)));
    logins.remove(vault.alice, "nothing");
    due = logins.listBefore(kStart + kDay, 10);
    REQUIRE(due.size() == 2);
    CHECK(due[0].deviceIdentifier == "phone");
    CHECK(due[1].deviceIdentifier == "laptop");
  });
}

TEST_CASE("forgetting remembered devices touches nothing else of theirs") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    for (const auto* owner : {&vault.alice, &vault.mallory}) {
      devices.recordLogin({*owner, "phone", 1, "phone", kStart});
      REQUIRE(devices.rotateRefresh(*owner, "phone", "hash of " + *owner, kStart + kDay, kStart));
      REQUIRE(devices.setRemember(*owner, "phone", "hash", kStart + kDay));
    }
    CHECK(devices.forgetRemembered(vault.alice) == 1);
    CHECK_FALSE(devices.find(vault.alice, "phone")->rememberHash);
    CHECK(devices.find(vault.alice, "phone")->refreshHash);
    CHECK(devices.find(vault.mallory, "phone")->rememberHash == "hash");
  });
}
