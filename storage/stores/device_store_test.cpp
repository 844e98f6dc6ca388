// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/device_store.h"

#include "appliance/base/fault.h"
#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::storage;

namespace {

const std::string kHashA(32, '\1');
const std::string kHashB(32, '\2');
const std::string kHashC(32, '\3');

}  // namespace

TEST_CASE("a device keeps the name and type of its first login") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    CHECK(devices.recordLogin({vault.alice, "phone", 0, "first", kStart}));
    CHECK_FALSE(devices.recordLogin({vault.alice, "phone", 1, "second", kStart + kDay}));
    const auto device = devices.find(vault.alice, "phone");
    REQUIRE(device);
    CHECK(device->type == 0);
    CHECK(device->name == "first");
    CHECK(device->createdAt == kStart);
    CHECK(device->lastSeenAt == kStart + kDay);
  });
}

TEST_CASE("a device is described anew by its owner only") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    devices.recordLogin({vault.alice, "phone", 0, "first", kStart});
    CHECK_FALSE(devices.describe(vault.mallory, "phone", 1, "stolen"));
    CHECK(devices.describe(vault.alice, "phone", 1, "second"));
    CHECK(devices.find(vault.alice, "phone")->type == 1);
    CHECK(devices.find(vault.alice, "phone")->name == "second");
  });
}

TEST_CASE("the same identifier under two users is two devices") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    CHECK(devices.recordLogin({vault.alice, "shared", 0, "a", kStart}));
    CHECK_FALSE(devices.isKnown(vault.mallory, "shared"));
    CHECK_FALSE(devices.find(vault.mallory, "shared"));
    CHECK_FALSE(devices.touch(vault.mallory, "shared", kStart));
    CHECK_FALSE(devices.remove(vault.mallory, "shared"));
    CHECK(devices.recordLogin({vault.mallory, "shared", 1, "m", kStart}));
    CHECK(devices.find(vault.alice, "shared")->name == "a");
    CHECK(devices.remove(vault.mallory, "shared"));
    CHECK(devices.isKnown(vault.alice, "shared"));
  });
}

TEST_CASE("devices are listed with the one seen last first") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    devices.recordLogin({vault.alice, "old", 0, "old", kStart});
    devices.recordLogin({vault.alice, "new", 0, "new", kStart + 1});
    devices.recordLogin({vault.mallory, "theirs", 0, "m", kStart + 2});
    CHECK(devices.touch(vault.alice, "old", kStart + 3));
    const auto list = devices.list(vault.alice);
    REQUIRE(list.size() == 2);
    CHECK(list[0].identifier == "old");
    CHECK(list[1].identifier == "new");
  });
}

TEST_CASE("a refresh token finds its device, also once after it was replaced") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    devices.recordLogin({vault.alice, "cli", 25, "cli", kStart});
    CHECK_FALSE(devices.findByRefreshHash(kHashA));
    CHECK(devices.rotateRefresh(vault.alice, "cli", kHashA, kStart + kDay, kStart));
    const auto found = devices.findByRefreshHash(kHashA);
    REQUIRE(found);
    CHECK(found->userId == vault.alice);
    CHECK(found->refreshHash == kHashA);
    CHECK(found->refreshExpiresAt == kStart + kDay);

    CHECK(devices.rotateRefresh(vault.alice, "cli", kHashB, kStart + kDay, kStart));
    CHECK(devices.findByRefreshHash(kHashA));
    CHECK(devices.findByRefreshHash(kHashB));
    CHECK(devices.rotateRefresh(vault.alice, "cli", kHashC, kStart + kDay, kStart));
    CHECK_FALSE(devices.findByRefreshHash(kHashA));
    CHECK(devices.findByRefreshHash(kHashB));

    CHECK(devices.extendRefresh(vault.alice, "cli", kStart + 2 * kDay, kStart + kHour));
    CHECK(devices.find(vault.alice, "cli")->refreshExpiresAt == kStart + 2 * kDay);
    CHECK(devices.find(vault.alice, "cli")->lastSeenAt == kStart + kHour);

    // What had expired does not come back with the next login.
    CHECK(devices.rotateRefresh(vault.alice, "cli", kHashA, kStart + 9 * kDay, kStart + 2 * kDay));
    CHECK(devices.findByRefreshHash(kHashA));
    CHECK_FALSE(devices.findByRefreshHash(kHashC));
    CHECK_FALSE(devices.rotateRefresh(vault.mallory, "cli", kHashA, kStart, kStart - kDay));
  });
}

TEST_CASE("two devices never share a refresh token") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    devices.recordLogin({vault.alice, "a", 0, "a", kStart});
    devices.recordLogin({vault.mallory, "m", 0, "m", kStart});
    CHECK(devices.rotateRefresh(vault.alice, "a", kHashA, kStart, kStart - kDay));
    CHECK_THROWS_AS((void)devices.rotateRefresh(vault.mallory, "m", kHashA, kStart, kStart - kDay),
                    Conflict);
  });
}

TEST_CASE("forgetting tokens ends every session of one user and keeps the devices") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    devices.recordLogin({vault.alice, "a", 0, "a", kStart});
    devices.recordLogin({vault.mallory, "m", 0, "m", kStart});
    CHECK(devices.rotateRefresh(vault.alice, "a", kHashA, kStart, kStart - kDay));
    CHECK(devices.rotateRefresh(vault.alice, "a", kHashB, kStart, kStart - kDay));
    CHECK(devices.setRemember(vault.alice, "a", kHashC, kStart + kDay));
    CHECK(devices.rotateRefresh(vault.mallory, "m", kHashC, kStart, kStart - kDay));
    CHECK(devices.forgetTokens(vault.alice) == 1);
    CHECK_FALSE(devices.findByRefreshHash(kHashA));
    CHECK_FALSE(devices.findByRefreshHash(kHashB));
    CHECK_FALSE(devices.find(vault.alice, "a")->rememberHash);
    CHECK(devices.findByRefreshHash(kHashC)->userId == vault.mallory);
    CHECK(devices.isKnown(vault.alice, "a"));
    CHECK(devices.removeAll(vault.alice) == 1);
    CHECK_FALSE(devices.isKnown(vault.alice, "a"));
    CHECK(devices.isKnown(vault.mallory, "m"));
  });
}

TEST_CASE("push tokens, trust and remembered second factors are set and cleared") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    DeviceStore devices(tx);
    devices.recordLogin({vault.alice, "phone", 0, "phone", kStart});
    CHECK(devices.setPushToken(vault.alice, "phone", "token", "uuid"));
    CHECK(devices.setTrust(vault.alice, "phone", "4.u", "2.p", "2.s"));
    CHECK(devices.setRemember(vault.alice, "phone", kHashA, kStart + kDay));
    auto device = devices.find(vault.alice, "phone").value();
    CHECK(device.pushToken == "token");
    CHECK(device.pushUuid == "uuid");
    CHECK(device.encryptedUserKey == "4.u");
    CHECK(device.encryptedPublicKey == "2.p");
    CHECK(device.encryptedPrivateKey == "2.s");
    CHECK(device.rememberHash == kHashA);
    CHECK(device.rememberExpiresAt == kStart + kDay);

    devices.clearPushToken("phone");
    CHECK(devices.setRemember(vault.alice, "phone", std::nullopt, 0));
    CHECK(devices.setTrust(vault.alice, "phone", std::nullopt, std::nullopt, std::nullopt));
    device = devices.find(vault.alice, "phone").value();
    CHECK_FALSE(device.pushToken);
    CHECK_FALSE(device.pushUuid);
    CHECK_FALSE(device.rememberHash);
    CHECK_FALSE(device.rememberExpiresAt);
    CHECK_FALSE(device.encryptedUserKey);
    CHECK_FALSE(devices.setPushToken(vault.mallory, "phone", "t", "u"));
  });
}
