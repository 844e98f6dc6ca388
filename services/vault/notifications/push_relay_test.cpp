// SPDX-License-Identifier: BSD-2-Clause
//
// The push relay against a fake one: what it is asked, and what happens when it does not answer.
#include "services/vault/notifications/push_relay.h"

#include "services/vault/testing/test_vault.h"
#include "services/vault/vault_context.h"
#include "services/vault/vault_metrics.h"
#include "storage/stores/device_store.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;
using nlohmann::json;

namespace {

constexpr const char* kPhone = "aac2e34a-44db-42ab-a733-5322dd582c3d";

void enable(VaultOptions& options) {
  options.push.isEnabled = true;
  options.push.installationId = "1f2e3d4c";
  options.push.installationKey = Secret("key & more");
  options.push.relay = "https://push.example.test";
  options.push.identity = "https://identity.example.test";
}

struct Call {
  std::string url;
  json body;
};

// A vault with a relay that answers as told.
class Phones {
 public:
  Phones() : vault(enable) {
    vault.outbound().answer = [this](const outbound::HttpRequest& request) {
      return answer(request);
    };
    alice = vault.signUp("alice@example.test");
    phone = vault.logIn(alice.email, alice.passwordHash, kPhone);
    vault.database().write([this](storage::Transaction& tx) {
      REQUIRE(storage::DeviceStore(tx).describe(alice.userId, kPhone, 1, "phone"));
    });
  }

  // What the relay was asked since the last time.
  std::vector<Call> asked() {
    vault.service().context().push.runQueued();
    return std::exchange(calls_, {});
  }
  std::uint64_t count(PushResult result) { return vault.service().metrics()->pushes(result); }
  void giveToken(const std::string& token = "a push token") {
    REQUIRE(phone
                .put("/api/devices/identifier/" + std::string(kPhone) + "/token",
                     {{"pushToken", token}})
                .status == 200);
  }

  TestVault vault;
  TestClient alice;
  TestClient phone;
  int tokens = 0;
  int relayStatus = 200;
  int unauthorized = 0;  // So many calls are refused first.

 private:
  outbound::HttpAnswer answer(const outbound::HttpRequest& request) {
    outbound::HttpAnswer given;
    given.status = relayStatus;
    if (request.url == "https://identity.example.test/connect/token") {
      CHECK(request.body ==
            "grant_type=client_credentials&scope=api.push&client_id=installation.1f2e3d4c"
            "&client_secret=key%20%26%20more");
      ++tokens;
      given.body = R"({"access_token":"t)" + std::to_string(tokens) +
                   R"(","expires_in":3600,"token_type":"Bearer"})";
      return given;
    }
    CHECK(request.method == "POST");
    CHECK(request.headers[0].second == "Bearer t" + std::to_string(tokens));
    if (unauthorized > 0) {
      --unauthorized;
      given.status = 401;
      return given;
    }
    calls_.push_back({request.url, json::parse(request.body)});
    return given;
  }

  std::vector<Call> calls_;
};

}  // namespace

TEST_CASE("a phone is registered when it gets a token, and again at each login") {
  Phones phones;
  CHECK(phones.asked().empty());
  phones.giveToken();
  auto calls = phones.asked();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].url == "https://push.example.test/push/register");
  const std::string uuid = calls[0].body["deviceId"];
  CHECK(uuid.size() == 36);
  CHECK(calls[0].body == json{{"deviceId", uuid},
                              {"pushToken", "a push token"},
                              {"userId", phones.alice.userId},
                              {"type", 1},
                              {"identifier", kPhone},
                              {"organizationIds", json::array()},
                              {"installationId", "1f2e3d4c"}});
  phones.vault.logIn(phones.alice.email, phones.alice.passwordHash, kPhone);
  calls = phones.asked();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].body["deviceId"] == uuid);

  phones.giveToken("another token");
  calls = phones.asked();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].body["deviceId"] == uuid);
  CHECK(calls[0].body["pushToken"] == "another token");
}

TEST_CASE("what is no phone is not registered") {
  Phones phones;
  REQUIRE(phones.alice
              .put("/api/devices/identifier/" + phones.alice.device + "/token",
                   {{"pushToken", "of a desktop"}})
              .status == 200);
  CHECK(phones.asked().empty());
}

TEST_CASE("a change is relayed without the device that made it") {
  Phones phones;
  phones.giveToken();
  const std::string uuid = phones.asked().at(0).body["deviceId"];
  Update update;
  update.type = UpdateType::FolderCreate;
  update.userId = phones.alice.userId;
  update.actingDevice = phones.alice.device;
  update.id = "a folder";
  update.date = 1'767'225'600 * kSecond;
  auto& notifier = phones.vault.service().notifier();
  notifier.notify(update);
  const auto calls = phones.asked();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].url == "https://push.example.test/push/send");
  CHECK(calls[0].body == json{{"userId", phones.alice.userId},
                              {"organizationId", nullptr},
                              {"deviceId", nullptr},
                              {"identifier", phones.alice.device},
                              {"type", 7},
                              {"payload",
                               {{"id", "a folder"},
                                {"userId", phones.alice.userId},
                                {"revisionDate", "2026-01-01T00:00:00.000000Z"}}},
                              {"clientType", nullptr},
                              {"installationId", nullptr}});

  // The only phone made the change itself.
  update.actingDevice = kPhone;
  notifier.notify(update);
  CHECK(phones.asked().empty());

  update.actingDevice = phones.alice.device;
  update.organizationId = "an organization";
  notifier.notify(update);
  CHECK(phones.asked().empty());
  update.organizationId = "";
  update.userId = "somebody without a phone";
  notifier.notify(update);
  CHECK(phones.asked().empty());
}

TEST_CASE("a phone that is removed, or clears its token, is unregistered") {
  Phones phones;
  phones.giveToken();
  const std::string uuid = phones.asked().at(0).body["deviceId"];
  const std::string clear = "/api/devices/identifier/" + std::string(kPhone) + "/clear-token";
  REQUIRE(phones.vault.call(http::Method::Put, clear).status == 200);
  auto calls = phones.asked();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].url == "https://push.example.test/push/delete");
  CHECK(calls[0].body == json{{"id", uuid}});
  REQUIRE(phones.vault.call(http::Method::Put, clear).status == 200);
  CHECK(phones.asked().empty());

  phones.giveToken();
  const std::string second = phones.asked().at(0).body["deviceId"];
  CHECK(second != uuid);
  REQUIRE(phones.alice.remove("/api/devices/" + std::string(kPhone)).status == 200);
  calls = phones.asked();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].body == json{{"id", second}});
}

TEST_CASE("a token serves for half its life, and is got anew when the relay has forgotten it") {
  Phones phones;
  phones.giveToken();
  phones.asked();
  phones.giveToken();
  phones.asked();
  CHECK(phones.tokens == 1);
  phones.vault.clock().advance(29 * kMinute);
  phones.giveToken();
  phones.asked();
  CHECK(phones.tokens == 1);
  phones.vault.clock().advance(2 * kMinute);
  phones.giveToken();
  phones.asked();
  CHECK(phones.tokens == 2);
  phones.unauthorized = 1;
  phones.giveToken();
  CHECK(phones.asked().size() == 1);
  CHECK(phones.tokens == 3);
  phones.unauthorized = 2;
  phones.giveToken();
  CHECK(phones.asked().empty());
  CHECK(phones.count(PushResult::Failed) == 1);
}

TEST_CASE("a relay that fails is counted and holds up nobody") {
  Phones phones;
  phones.asked();
  phones.relayStatus = 503;
  phones.giveToken();
  phones.asked();
  CHECK(phones.count(PushResult::Failed) == 1);
  phones.vault.outbound().answer = nullptr;  // Nobody there.
  for (std::size_t i = 0; i < PushRelay::kMaxQueued + 5; ++i) {
    phones.vault.service().context().push.registerDevice(phones.alice.userId, kPhone);
  }
  CHECK(phones.count(PushResult::Dropped) == 5);
}

TEST_CASE("a relay that is off is asked nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  vault.service().context().push.registerDevice(alice.userId, alice.device);
  vault.service().context().push.unregister({"uuid"});
  vault.service().context().push.runQueued();
  CHECK(vault.outbound().seen().empty());
}

TEST_CASE("the relay's thread does the work and ends in the middle of it") {
  Phones phones;
  phones.giveToken();
  phones.asked();
  const auto before = phones.count(PushResult::Sent);
  phones.vault.service().start();
  phones.giveToken();  // Starts the thread.
  for (int i = 0; i < 50; ++i) phones.giveToken();
  phones.vault.service().stop();
  CHECK(phones.count(PushResult::Sent) <= before + 51);
  const auto dropped = phones.count(PushResult::Dropped);
  phones.giveToken();
  CHECK(phones.count(PushResult::Dropped) == dropped + 1);
}

TEST_CASE("a browser's web push subscription is kept") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::string route = "/api/devices/identifier/" + alice.device + "/web-push-auth";
  const json form = {{"endpoint", "https://push.example.test/x"}, {"p256dh", "key"}, {"auth", "a"}};
  CHECK(alice.put(route, form).status == 200);
  CHECK(alice.post(route, form).status == 200);
  CHECK(alice.put(route, {{"endpoint", "https://push.example.test/x"}}).status == 400);
  CHECK(alice.put("/api/devices/identifier/nobodys/web-push-auth", form).status == 404);
}

TEST_CASE("a removed device is told so, and no other") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  vault.logIn(alice.email, alice.passwordHash, kPhone);
  vault.takeUpdates();
  REQUIRE(alice.remove("/api/devices/" + std::string(kPhone)).status == 200);
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::LogOut);
  CHECK(updates[0].onlyDevice == kPhone);
  CHECK(updates[0].userId == alice.userId);
  CHECK(alice.remove("/api/devices/" + std::string(kPhone)).status == 404);
  CHECK(vault.takeUpdates().empty());
}
