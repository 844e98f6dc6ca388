// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/outbox_store.h"

#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

namespace coffer::storage {
namespace {

OutboxMail makeMail(const std::string& to, UnixMicros createdAt) {
  return {.recipient = to,
          .kind = "welcome",
          .subject = "subject",
          .plain = "plain",
          .html = "html",
          .createdAt = createdAt,
          .dueAt = createdAt,
          .expiresAt = createdAt + kDay};
}

TEST_CASE("mails come out of the outbox when they are due, longest due first, with everything") {
  TestVault vault;
  vault.use([](Transaction& tx) {
    OutboxStore outbox(tx);
    CHECK(outbox.count() == 0);
    CHECK_FALSE(outbox.nextDue().has_value());
    outbox.insert(makeMail("b@example.test", kStart + 2));
    outbox.insert(makeMail("a@example.test", kStart + 1));
    outbox.insert(makeMail("c@example.test", kStart + 3));
  });
  vault.use([](Transaction& tx) {
    OutboxStore outbox(tx);
    CHECK(outbox.count() == 3);
    CHECK(outbox.nextDue() == kStart + 1);
    CHECK(outbox.due(kStart, 10).empty());
    const auto due = outbox.due(kStart + 2, 10);
    REQUIRE(due.size() == 2);
    CHECK(due[0].recipient == "a@example.test");
    CHECK(due[1].recipient == "b@example.test");
    CHECK(due[0].kind == "welcome");
    CHECK(due[0].subject == "subject");
    CHECK(due[0].plain == "plain");
    CHECK(due[0].html == "html");
    CHECK(due[0].attempts == 0);
    CHECK_FALSE(due[0].lastError.has_value());
    CHECK(due[0].createdAt == kStart + 1);
    CHECK(due[0].expiresAt == kStart + 1 + kDay);
    CHECK(outbox.due(kStart + 9, 1).size() == 1);
    const auto all = outbox.list(10);
    REQUIRE(all.size() == 3);
    CHECK(all[0].recipient == "b@example.test");
    CHECK(all[0].subject == "subject");
    CHECK(all[0].plain.empty());
  });
}

TEST_CASE("a failed attempt postpones one mail and is remembered; all can be made due again") {
  TestVault vault;
  vault.use([](Transaction& tx) {
    OutboxStore outbox(tx);
    outbox.insert(makeMail("a@example.test", kStart));
    outbox.insert(makeMail("b@example.test", kStart));
    const auto first = outbox.due(kStart, 1).at(0);
    outbox.postpone(first.seq, kStart + kMinute, "450 later");
    CHECK(outbox.due(kStart, 10).size() == 1);
    const auto postponed = outbox.due(kStart + kMinute, 10).at(1);
    CHECK(postponed.seq == first.seq);
    CHECK(postponed.attempts == 1);
    CHECK(postponed.lastError == "450 later");
    CHECK(outbox.makeDue(kStart + 1) == 1);
    CHECK(outbox.due(kStart + 1, 10).size() == 2);
    CHECK(outbox.remove(first.seq));
    CHECK_FALSE(outbox.remove(first.seq));
    CHECK(outbox.count() == 1);
  });
}

TEST_CASE("while nothing can be sent, each mail waits as long as its own attempts say") {
  TestVault vault;
  constexpr RetryIntervals kAfter{1, 10, 100, 1'000, 10'000, 100'000};
  vault.use([&](Transaction& tx) {
    OutboxStore outbox(tx);
    outbox.insert(makeMail("old@example.test", kStart));
    UnixMicros now = kStart;
    for (int attempt = 0; attempt < 8; ++attempt) {
      outbox.postponeDue(now, "down", kAfter);
      const auto waited = outbox.nextDue().value() - now;
      CHECK(waited == kAfter.at(static_cast<std::size_t>(std::min(attempt, 5))));
      now += waited;
    }
    outbox.insert(makeMail("new@example.test", now));
    outbox.insert(makeMail("later@example.test", now + 50));
    outbox.postponeDue(now, "still down", kAfter);
    const auto all = outbox.list(10);
    CHECK(all.at(0).dueAt == now + 100'000);
    CHECK(all.at(0).attempts == 9);
    CHECK(all.at(1).dueAt == now + 1);
    CHECK(all.at(1).lastError == "still down");
    CHECK(all.at(2).dueAt == now + 50);
    CHECK(all.at(2).attempts == 0);
  });
}

}  // namespace
}  // namespace coffer::storage
