// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/mail_delivery.h"

#include "services/vault/vault_metrics.h"
#include "storage/database/database.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <condition_variable>

namespace coffer::vault {
namespace {

using outbound::MailFault;
using outbound::MailStep;
using Kind = MailFault::Kind;
using storage::OutboxMail;
using storage::OutboxStore;
using storage::Transaction;

// A mail server that a test switches on and off.
struct FakeServer {
  std::mutex mutex;
  std::condition_variable changed;
  bool isDown = false;
  std::string refuses;    // Recipients that are refused for good, …
  std::string postpones;  // … or for now.
  int connections = 0;
  std::vector<std::string> taken;  // Recipients.
  std::vector<std::string> messages;

  std::unique_ptr<outbound::MailSession> open() {
    std::lock_guard lock(mutex);
    ++connections;
    if (isDown) throw MailFault(Kind::NoWay, MailStep::Connect, "refused");
    struct Session final : outbound::MailSession {
      explicit Session(FakeServer& s) : server(s) {}
      void deliver(const std::string& from, const std::string& to,
                   const std::string& message) override {
        std::lock_guard inner(server.mutex);
        CHECK(from == "vault@example.test");
        if (server.isDown) throw MailFault(Kind::NoWay, MailStep::Message, "421 closing");
        if (to == server.refuses) throw MailFault(Kind::Refused, MailStep::Recipient, "550 no");
        if (to == server.postpones) throw MailFault(Kind::Later, MailStep::Recipient, "450 later");
        server.taken.push_back(to);
        server.messages.push_back(message);
        server.changed.notify_all();
      }
      FakeServer& server;
    };
    return std::make_unique<Session>(*this);
  }
  bool waitFor(std::size_t count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(10), [&] { return taken.size() >= count; });
  }
};

struct Box {
  void add(const std::string& to, UnixMicros lifetime = kDay) {
    database.write([&](Transaction& tx) {
      OutboxStore(tx).insert({.recipient = to,
                              .kind = "welcome",
                              .subject = "Hello " + to,
                              .plain = "plain",
                              .html = "<p>html</p>",
                              .createdAt = clock.now(),
                              .dueAt = clock.now(),
                              .expiresAt = clock.now() + lifetime});
    });
  }
  std::vector<OutboxMail> waiting() {
    return database.read([](Transaction& tx) { return OutboxStore(tx).list(100); });
  }

  tests::TempFolder folder;
  storage::Database database{folder.path() + "/db.sqlite3"};
  FakeClock clock;
  VaultMetrics metrics;
  FakeServer server;
  MailDelivery delivery{
      database, clock, metrics, {"vault@example.test", "My box"}, [this](const std::stop_token&) {
        return server.open();
      }};
};

TEST_CASE("what is due is delivered over one connection and leaves the outbox") {
  Box box;
  box.add("a@example.test");
  box.add("b@example.test");
  CHECK_FALSE(box.delivery.deliverDue().has_value());
  CHECK(box.server.taken == std::vector<std::string>{"a@example.test", "b@example.test"});
  CHECK(box.server.connections == 1);
  CHECK(box.waiting().empty());
  CHECK(box.metrics.mails(true) == 2);
  CHECK(box.metrics.mails(false) == 0);
  const std::string& message = box.server.messages.front();
  CHECK(message.find("Subject: Hello a@example.test\r\n") != std::string::npos);
  CHECK(message.find("From: \"My box\"\r\n <vault@example.test>\r\n") != std::string::npos);
  CHECK(message.find("@example.test>\r\nAuto-Submitted") != std::string::npos);
  (void)box.delivery.deliverDue();
  CHECK(box.server.connections == 1);
}

TEST_CASE(
    "while the server is down, attempts become rare; when it is back, everything goes at once") {
  Box box;
  box.server.isDown = true;
  box.add("a@example.test");
  UnixMicros last = box.clock.now();
  std::vector<UnixMicros> waits;
  for (int i = 0; i < 7; ++i) {
    const UnixMicros next = box.delivery.deliverDue().value();
    waits.push_back((next - last) / kSecond);
    box.clock.advance(next - box.clock.now());
    last = box.clock.now();
  }
  CHECK(waits == std::vector<UnixMicros>{2, 10, 60, 300, 900, 1800, 1800});
  CHECK(box.server.connections == 7);
  CHECK(box.waiting().front().lastError == "refused");
  (void)box.delivery.deliverDue();  // The old one waits half an hour again.
  box.server.isDown = false;
  box.add("b@example.test");
  CHECK_FALSE(box.delivery.deliverDue().has_value());
  CHECK(box.server.taken == std::vector<std::string>{"b@example.test", "a@example.test"});
}

TEST_CASE("a mail that is refused for good is given up, and holds up no other") {
  Box box;
  box.server.refuses = "gone@example.test";
  box.add("gone@example.test");
  box.add("b@example.test");
  (void)box.delivery.deliverDue();
  CHECK(box.server.taken == std::vector<std::string>{"b@example.test"});
  CHECK(box.waiting().empty());
  CHECK(box.metrics.mails(false) == 1);
}

TEST_CASE("a mail that is put off waits alone") {
  Box box;
  box.server.postpones = "grey@example.test";
  box.add("grey@example.test");
  box.add("b@example.test");
  (void)box.delivery.deliverDue();
  box.add("c@example.test");
  const auto next = box.delivery.deliverDue();
  CHECK(box.server.taken == std::vector<std::string>{"b@example.test", "c@example.test"});
  REQUIRE(box.waiting().size() == 1);
  CHECK(box.waiting().front().lastError == "450 later");
  CHECK(next > box.clock.now());
  box.server.postpones.clear();
  box.clock.advance(kMinute);
  (void)box.delivery.deliverDue();
  CHECK(box.waiting().empty());
}

TEST_CASE("a mail that is too old is given up without being sent") {
  Box box;
  box.server.isDown = true;
  box.add("code@example.test", 10 * kMinute);
  (void)box.delivery.deliverDue();
  box.server.isDown = false;
  box.clock.advance(11 * kMinute);
  (void)box.delivery.deliverDue();
  CHECK(box.server.taken.empty());
  CHECK(box.waiting().empty());
  CHECK(box.metrics.mails(false) == 1);
}

TEST_CASE("a server that goes away in the middle loses nothing") {
  Box box;
  box.add("a@example.test");
  const MailDelivery::Open breaking = [&](const std::stop_token&) {
    auto session = box.server.open();
    box.server.isDown = true;
    return session;
  };
  MailDelivery delivery(box.database, box.clock, box.metrics, {"vault@example.test", ""}, breaking);
  CHECK(delivery.deliverDue().has_value());
  CHECK(box.waiting().size() == 1);
}

TEST_CASE("the thread delivers what waits at the start and what comes later, and ends when told") {
  Box box;
  box.add("a@example.test");
  box.delivery.wake();
  CHECK(box.server.connections == 0);  // Not started.
  box.delivery.start();
  CHECK(box.server.waitFor(1));
  box.add("b@example.test");
  box.delivery.wake();
  CHECK(box.server.waitFor(2));
  box.delivery.stop();
  box.add("c@example.test");
  box.delivery.wake();
  box.delivery.stop();
  CHECK(box.waiting().size() == 1);
}

}  // namespace
}  // namespace coffer::vault
