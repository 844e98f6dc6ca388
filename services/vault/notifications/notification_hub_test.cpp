// SPDX-License-Identifier: BSD-2-Clause
//
// The hubs without a network: what sockets are told, and when they are closed.
#include "services/vault/notifications/notification_hub.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/notifications/hub_messages.h"
#include "services/vault/notifications/hub_protocol.h"
#include "services/vault/testing/test_vault.h"
#include "services/vault/vault_context.h"

#include <doctest/doctest.h>

#include <optional>

using namespace coffer;
using namespace coffer::vault;
using namespace coffer::vault::testing;

namespace {

const std::string kHandshake = "{\"protocol\":\"messagepack\",\"version\":1}\x1e";
const std::string kAccepted = "{}\x1e";
const std::string kRequest = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

class FakeSocket final : public http::WebSocket {
 public:
  bool send(http::SharedFrame message) override {
    if (closed) return false;
    // Behind the frame's head, of two bytes for short and of four for longer ones.
    sent.push_back(message->substr(message->size() < 128 ? 2 : 4));
    return true;
  }
  void close(http::CloseCode code) override {
    if (!closed) closed = code;
  }

  std::vector<std::string> sent;
  std::optional<http::CloseCode> closed;
};

// A handler with a socket, as the HTTP server would drive it.
class Listener {
 public:
  explicit Listener(std::unique_ptr<http::WebSocketHandler> handler)
      : handler_(std::move(handler)) {
    handler_->onOpen(socket);
  }
  void say(std::string_view bytes) { handler_->onMessage(http::MessageKind::Binary, bytes); }
  void beat() { handler_->onHeartbeat(); }
  void leave() { handler_.reset(); }
  std::vector<std::string> heard() const { return std::exchange(socket->sent, {}); }
  std::optional<http::CloseCode> closed() const { return socket->closed; }

  const std::shared_ptr<FakeSocket> socket = std::make_shared<FakeSocket>();

 private:
  std::unique_ptr<http::WebSocketHandler> handler_;
};

Session sessionOf(const TestClient& client) {
  return {client.userId, client.email, client.device,
          client.get("/api/accounts/profile").json()["securityStamp"]};
}

// Another device of the same person.
Session sessionOn(const TestClient& client, const std::string& device) {
  return sessionOf(client.vault->logIn(client.email, client.passwordHash, device));
}

Listener join(NotificationHub& hub, const Session& session) {
  Listener listener(hub.userSocket(session));
  listener.say(kHandshake);
  CHECK(listener.heard() == std::vector<std::string>{kAccepted});
  return listener;
}

Update updateFor(const std::string& userId, UpdateType type = UpdateType::Vault) {
  Update update;
  update.userId = userId;
  update.type = type;
  update.date = kSecond;
  return update;
}

}  // namespace

TEST_CASE("a handshake is answered once, and what stands behind it is heard") {
  for (const char* version : {"1", "2"}) {
    const std::string message =
        "{\"protocol\":\"messagepack\",\"version\":" + std::string(version) + "}\x1e\x02\x91\x06";
    const auto answer = answerHandshake(message);
    CHECK(answer.isAccepted);
    CHECK(answer.text == kAccepted);
    CHECK(answer.rest == kPingRecord);
  }
  for (const char* bad :
       {"{\"protocol\":\"json\",\"version\":1}\x1e",
        "{\"protocol\":\"messagepack\",\"version\":3}\x1e",
        "{\"protocol\":\"messagepack\",\"version\":1}", "{\"protocol\":7,\"version\":1}\x1e",
        "{\"version\":1}\x1e", "[]\x1e", "\x1e", "", "{\"protocol\":\"messagepack\"\x1e}"}) {
    CAPTURE(bad);
    const auto answer = answerHandshake(bad);
    CHECK_FALSE(answer.isAccepted);
    CHECK(answer.text.starts_with("{\"error\":"));
    CHECK(answer.text.ends_with("}\x1e"));
  }
}

TEST_CASE("of what clients say only the good-bye counts") {
  const auto read = [](std::string_view hex) { return readClientRecords(fromHex(hex).value()); };
  CHECK(read("") == ClientRecords::Ignored);
  CHECK(read("029106") == ClientRecords::Ignored);
  CHECK(read("029106029106") == ClientRecords::Ignored);
  CHECK(read("039207c0") == ClientRecords::Close);
  CHECK(read("029106039207c0") == ClientRecords::Close);
  CHECK(read("00") == ClientRecords::Ignored);
  CHECK(read("01c0") == ClientRecords::Ignored);
  CHECK(read("82009106") == ClientRecords::Ignored);  // A length longer than it has to be.
  CHECK(read("0391") == ClientRecords::Broken);
  CHECK(read("ff") == ClientRecords::Broken);
  CHECK(read("ffffffffff01") == ClientRecords::Broken);
  CHECK(read("ffffffff7f91") == ClientRecords::Broken);
}

TEST_CASE("a person's devices are told, and nobody else's") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  NotificationHub hub(vault.database(), vault.clock());
  const Session phone = sessionOf(alice);
  auto first = join(hub, phone);
  auto second = join(hub, sessionOn(alice, "laptop"));
  auto stranger = join(hub, sessionOf(vault.signUp("bob@example.test")));
  Listener early(hub.userSocket(phone));  // Has not said a word yet.
  CHECK(hub.listeners() == 3);

  const Update update = updateFor(alice.userId);
  hub.publish(update);
  CHECK(first.heard() == std::vector<std::string>{userRecord(update)});
  CHECK(second.heard() == std::vector<std::string>{userRecord(update)});
  CHECK(stranger.heard().empty());
  CHECK(early.heard().empty());

  second.leave();
  hub.publish(update);
  CHECK(first.heard().size() == 1);
  CHECK(second.heard().empty());
  CHECK(hub.listeners() == 2);
}

TEST_CASE("a log-out ends the sockets of the sessions that it ends") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  NotificationHub hub(vault.database(), vault.clock());
  auto phone = join(hub, sessionOn(alice, "phone"));
  auto laptop = join(hub, sessionOn(alice, "laptop"));
  auto tablet = join(hub, sessionOn(alice, "tablet"));

  Update update = updateFor(alice.userId, UpdateType::LogOut);
  update.onlyDevice = "tablet";
  hub.publish(update);
  CHECK(tablet.heard().size() == 1);
  CHECK(tablet.closed() == http::CloseCode::Normal);
  CHECK(phone.heard().empty());

  update.onlyDevice = "";
  update.actingDevice = "phone";
  hub.publish(update);
  CHECK(laptop.heard().size() == 1);
  CHECK(laptop.closed() == http::CloseCode::Normal);
  CHECK(phone.heard().size() == 1);  // It ignores its own.
  CHECK_FALSE(phone.closed());
}

TEST_CASE("a session that ends between the upgrade and the handshake hears nothing") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  NotificationHub hub(vault.database(), vault.clock());
  Listener removed(hub.userSocket(sessionOn(alice, "phone")));
  Listener old(hub.userSocket(sessionOf(alice)));

  REQUIRE(alice.remove("/api/devices/phone").status == 200);
  removed.say(kHandshake);
  CHECK(removed.closed() == http::CloseCode::PolicyViolation);

  REQUIRE(alice.post("/api/accounts/security-stamp", {{"masterPasswordHash", alice.passwordHash}})
              .status == 200);
  old.say(kHandshake);
  CHECK(old.closed() == http::CloseCode::PolicyViolation);
  (void)old.heard();
  hub.publish(updateFor(alice.userId));
  CHECK(old.heard().empty());
}

TEST_CASE("a hub speaks no other protocol, and hears a good-bye") {
  TestVault vault;
  NotificationHub hub(vault.database(), vault.clock());
  const Session session = sessionOf(vault.signUp("alice@example.test"));
  Listener json(hub.userSocket(session));
  json.say("{\"protocol\":\"json\",\"version\":1}\x1e");
  CHECK(json.heard().size() == 1);
  CHECK(json.closed() == http::CloseCode::Normal);
  CHECK(hub.listeners() == 0);

  auto leaving = join(hub, session);
  leaving.say(kPingRecord);
  CHECK_FALSE(leaving.closed());
  leaving.say("\x03\x92\x07\xc0");
  CHECK(leaving.closed() == http::CloseCode::Normal);

  auto broken = join(hub, session);
  broken.say("\x09");
  CHECK(broken.closed() == http::CloseCode::ProtocolError);
}

TEST_CASE("a socket stays as long as its session does, whoever ended that") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  NotificationHub hub(vault.database(), vault.clock());
  auto good = join(hub, sessionOf(alice));
  auto old = join(hub, sessionOf(bob));
  // Of which this hub is not told.
  REQUIRE(
      bob.post("/api/accounts/security-stamp", {{"masterPasswordHash", bob.passwordHash}}).status ==
      200);
  vault.clock().advance(9 * kMinute);
  good.beat();
  old.beat();
  CHECK_FALSE(old.closed());
  vault.clock().advance(kMinute);
  good.beat();
  old.beat();
  CHECK(old.closed() == http::CloseCode::PolicyViolation);
  CHECK_FALSE(good.closed());

  REQUIRE(vault.logIn(alice.email, alice.passwordHash, "the last device")
              .remove("/api/devices/" + alice.device)
              .status == 200);
  good.beat();
  CHECK_FALSE(good.closed());  // Not looked at again so soon.
  vault.clock().advance(10 * kMinute);
  good.beat();
  CHECK(good.closed() == http::CloseCode::PolicyViolation);
}

TEST_CASE("whoever waits for an answer hears that one, and so do the person's devices") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  NotificationHub hub(vault.database(), vault.clock());
  Listener waiting(hub.anonymousSocket(kRequest, "192.0.2.1"));
  waiting.say(kHandshake);
  Listener other(hub.anonymousSocket("another", "192.0.2.1"));
  other.say(kHandshake);
  auto device = join(hub, sessionOf(alice));
  CHECK(waiting.heard().size() == 1);
  CHECK(other.heard().size() == 1);

  Update update = updateFor(alice.userId, UpdateType::AuthRequestResponse);
  update.id = kRequest;
  hub.publish(update);
  CHECK(waiting.heard() == std::vector<std::string>{anonymousRecord(update)});
  CHECK(device.heard() == std::vector<std::string>{userRecord(update)});
  CHECK(other.heard().empty());
  update.type = UpdateType::AuthRequest;
  hub.publish(update);
  CHECK(waiting.heard().empty());
}

TEST_CASE("one address may wait for few answers at once") {
  TestVault vault;
  NotificationHub hub(vault.database(), vault.clock());
  std::vector<std::unique_ptr<http::WebSocketHandler>> waiting;
  for (std::size_t i = 0; i < NotificationHub::kMaxAnonymousPerAddress; ++i) {
    waiting.push_back(hub.anonymousSocket(kRequest, "2001:db8::" + std::to_string(i)));
  }
  CHECK_THROWS_AS(hub.anonymousSocket(kRequest, "2001:db8::ffff"), TooManyRequests);
  CHECK_NOTHROW(hub.anonymousSocket(kRequest, "2001:db9::1"));
  waiting.pop_back();
  CHECK_NOTHROW(hub.anonymousSocket(kRequest, "2001:db8::ffff"));
}

TEST_CASE("the hub is for those who are logged in, by either place of the token") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto get = [&](const std::string& target, const Headers& headers = {}) {
    return vault.call(http::Method::Get, target, "", headers).status;
  };
  CHECK(get("/notifications/hub") == 401);
  CHECK(get("/notifications/hub?access_token=") == 401);
  CHECK(get("/notifications/hub?access_token=x.y.z") == 401);
  CHECK(get("/notifications/hub?access_token=" + alice.accessToken) == 101);
  CHECK(get("/notifications/hub", {{"Authorization", "Bearer " + alice.accessToken}}) == 101);
  const auto negotiated = alice.post("/notifications/hub/negotiate").json();
  CHECK(negotiated["availableTransports"][0]["transport"] == "WebSockets");
  CHECK(negotiated["negotiateVersion"] == 0);
  vault.clock().advance(2 * kHour + kMinute);
  CHECK(get("/notifications/hub?access_token=" + alice.accessToken) == 401);
}

TEST_CASE("the anonymous hub is for requests that there are") {
  TestVault vault;
  CHECK(vault.call(http::Method::Get, "/notifications/anonymous-hub").status == 404);
  CHECK(vault.call(http::Method::Get, "/notifications/anonymous-hub?Token=" + kRequest).status ==
        404);
}

TEST_CASE("without WebSockets the hubs are not there") {
  TestVault vault([](VaultOptions& options) { options.webSocket = false; });
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.get("/notifications/hub").status == 404);
  CHECK(alice.get("/notifications/anonymous-hub?Token=" + kRequest).status == 404);
}
