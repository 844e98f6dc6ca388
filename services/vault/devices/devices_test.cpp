// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "services/vault/devices/device_types.h"
#include "services/vault/testing/test_vault.h"
#include "storage/stores/device_store.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {
constexpr const char* kPhone = "aac2e34a-44db-42ab-a733-5322dd582c3d";
constexpr const char* kNobodys = "0f01a66f-7802-42bc-9647-a82600f11e10";
}  // namespace

TEST_CASE("device types have the clients' numbers") {
  CHECK(deviceTypeName(0) == "Android");
  CHECK(deviceTypeName(14) == "Unknown Browser");
  CHECK(deviceTypeName(25) == "Linux CLI");
  CHECK(deviceTypeName(26) == "DuckDuckGo");
  CHECK(deviceTypeName(27) == "Unknown Browser");
  CHECK(deviceTypeName(-1) == "Unknown Browser");
  CHECK(parseDeviceType("25") == 25);
  CHECK(parseDeviceType("iOS") == 14);
  CHECK(parseDeviceType("") == 14);
  CHECK(parseDeviceType("99999999999999999999") == 14);
  for (const int type : {0, 1, 15}) CHECK(isMobile(type));
  for (const int type : {2, 8, 14, 25}) CHECK_FALSE(isMobile(type));
}

TEST_CASE("a user sees their own devices and nobody else's") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  vault.clock().advance(kMinute);
  vault.logIn(alice.email, alice.passwordHash, kPhone);

  const auto list = alice.get("/api/devices").json();
  CHECK(list["object"] == "list");
  REQUIRE(list["data"].size() == 2);
  auto device = list["data"][0];
  CHECK(device["creationDate"].get<std::string>().size() == 27);
  device.erase("creationDate");
  device.erase("lastActivityDate");
  CHECK(device == json{{"id", kPhone},
                       {"name", "linux"},
                       {"type", 25},
                       {"identifier", kPhone},
                       {"isTrusted", false},
                       {"encryptedUserKey", nullptr},
                       {"encryptedPublicKey", nullptr},
                       {"devicePendingAuthRequest", nullptr},
                       {"object", "device"}});
  for (const std::string route : {"/api/devices/", "/api/devices/identifier/"}) {
    CHECK(alice.get(route + kPhone).json()["id"] == kPhone);
    CHECK(alice.get(route + kNobodys).status == 404);
    CHECK(bob.get(route + kPhone).status == 404);
  }
  CHECK(bob.get("/api/devices").json()["data"].size() == 1);
}

TEST_CASE("whether a device is known is told by header and by path") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto ask = [&](const std::string& email, const std::string& device) {
    const auto reply = vault.call(http::Method::Get, "/api/devices/knowndevice", {},
                                  {{"X-Request-Email", email}, {"X-Device-Identifier", device}});
    CHECK(reply.status == 200);
    return reply.body;
  };
  CHECK(ask(toBase64Url("alice@example.test"), alice.device) == "true");
  CHECK(ask(toBase64Url("Alice@example.test") + "", alice.device) == "true");
  CHECK(ask(toBase64("alice@example.test"), alice.device) == "true");  // Padded.
  CHECK(ask(toBase64Url("alice@example.test"), kPhone) == "false");
  CHECK(ask(toBase64Url("nobody@example.test"), alice.device) == "false");
  CHECK(vault.call(http::Method::Get, "/api/devices/knowndevice/alice@example.test/" + alice.device)
            .body == "true");
  CHECK(vault.call(http::Method::Get, std::string("/api/devices/knowndevice/a@b.test/") + kPhone)
            .body == "false");
  for (const Headers& headers :
       {Headers{}, Headers{{"X-Request-Email", "YUBiLnRlc3Q"}},
        Headers{{"X-Device-Identifier", kPhone}},
        Headers{{"X-Request-Email", "?"}, {"X-Device-Identifier", kPhone}},
        Headers{{"X-Request-Email", "__79"}, {"X-Device-Identifier", kPhone}}}) {
    CHECK(vault.call(http::Method::Get, "/api/devices/knowndevice", {}, headers).status == 400);
  }
}

TEST_CASE("a removed device is logged out at once") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  const auto phone = vault.logIn(alice.email, alice.passwordHash, kPhone);
  CHECK(bob.remove(std::string("/api/devices/") + kPhone).status == 404);
  CHECK(phone.get("/api/accounts/profile").status == 200);
  SUBCASE("by DELETE") { CHECK(alice.remove(std::string("/api/devices/") + kPhone).status == 200); }
  SUBCASE("by POST") {
    CHECK(alice.post(std::string("/api/devices/") + kPhone + "/deactivate").status == 200);
  }
  CHECK(phone.get("/api/accounts/profile").status == 401);
  CHECK(alice.get("/api/accounts/profile").status == 200);
  CHECK(alice.remove(std::string("/api/devices/") + kPhone).status == 404);
}

TEST_CASE("a device is described anew and takes a push token") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  const json body{{"type", 0}, {"name", "Phone"}, {"identifier", kPhone}, {"pushToken", "push"}};
  CHECK(alice.post("/api/devices", body).json()["name"] == "Phone");
  const auto stored = [&] {
    return *vault.database().read([&](storage::Transaction& tx) {
      return storage::DeviceStore(tx).find(alice.userId, kPhone);
    });
  };
  CHECK(stored().pushToken == "push");

  for (const auto method : {http::Method::Put, http::Method::Post}) {
    const auto reply = alice.call(method, std::string("/api/devices/") + kPhone,
                                  json{{"type", "1"}, {"name", "Other"}}.dump());
    CHECK(reply.json()["type"] == 1);
    CHECK(reply.json()["name"] == "Other");
    CHECK(stored().pushToken == "push");

    const std::string token = std::string("/api/devices/identifier/") + kPhone + "/token";
    CHECK(alice.call(method, token, R"({"pushToken":"fresh"})").status == 200);
    CHECK(stored().pushToken == "fresh");
    CHECK(bob.call(method, token, R"({"pushToken":"theft"})").status == 404);

    const std::string clear = std::string("/api/devices/identifier/") + kPhone + "/clear-token";
    CHECK(vault.call(method, clear, "{}").status == 200);
    CHECK_FALSE(stored().pushToken);
    CHECK(vault.call(method, std::string("/api/devices/identifier/") + kNobodys + "/clear-token")
              .status == 200);
    CHECK(alice.call(method, token, R"({"pushToken":"push"})").status == 200);
  }
  CHECK(bob.put(std::string("/api/devices/") + kPhone, body).status == 404);
  CHECK(alice.post("/api/devices", {{"type", 0}, {"name", "x"}}).status == 400);
  CHECK(alice.post("/api/devices", {{"name", "x"}, {"identifier", "y"}}).status == 400);
  CHECK(
      alice.post("/api/devices", {{"type", 0}, {"name", "x"}, {"identifier", std::string(65, 'y')}})
          .status == 400);
}

TEST_CASE("a device becomes trusted, is wrapped anew, and loses its trust") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  const std::string self = "/api/devices/" + alice.device;
  const json keys{{"encryptedUserKey", "4.AAAA"},
                  {"encryptedPublicKey", sealedText(1)},
                  {"encryptedPrivateKey", sealedText(2)}};
  const json secret{{"masterPasswordHash", alice.passwordHash}};
  CHECK(bob.put(self + "/keys", keys).status == 404);
  CHECK(alice.put(self + "/keys", {{"encryptedUserKey", "x"}}).status == 400);
  CHECK(alice.put(self + "/keys", keys).json()["isTrusted"] == true);
  CHECK(alice.post(self + "/keys", keys).status == 200);

  CHECK(alice.post(self + "/retrieve-keys").status == 400);
  const auto shown = alice.post(self + "/retrieve-keys", secret).json();
  CHECK(shown["encryptedUserKey"] == "4.AAAA");
  CHECK(shown["object"] == "protectedDevice");
  CHECK(alice.get("/api/accounts/key-management/key-rotation-data")
            .json()["trustedDeviceKeyData"]
            .size() == 1);

  json update = secret;
  update["currentDevice"] = {{"encryptedUserKey", "4.BBBB"}, {"encryptedPublicKey", sealedText(3)}};
  CHECK(alice.post("/api/devices/update-trust", update).status == 200);
  CHECK(alice.get(self).json()["encryptedUserKey"] == "4.BBBB");
  CHECK(alice.get(self).json()["isTrusted"] == true);

  auto partly = update;
  partly["currentDevice"]["encryptedUserKey"] = "4.CCCC";
  partly["otherDevices"] = {{{"deviceId", kNobodys},
                             {"encryptedUserKey", "4.CCCC"},
                             {"encryptedPublicKey", sealedText(3)}}};
  CHECK(alice.post("/api/devices/update-trust", partly).status == 404);
  CHECK(alice.get(self).json()["encryptedUserKey"] == "4.BBBB");  // All or nothing.

  CHECK(bob.post("/api/devices/untrust", {{"devices", {alice.device}}}).status == 404);
  CHECK(alice.post("/api/devices/untrust", {{"devices", {alice.device}}}).status == 200);
  CHECK(alice.get(self).json()["isTrusted"] == false);
  CHECK(alice.post("/api/devices/untrust").status == 400);
  CHECK(alice.post("/api/devices/lost-trust").status == 200);
}
