// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/send_store.h"

#include "appliance/base/fault.h"
#include "storage/stores/send_code_store.h"
#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::storage;

namespace {

Send textSend(const TestVault& vault, int number) {
  Send send;
  send.id = uuid(number);
  send.userId = vault.alice;
  send.name = "2.name";
  send.key = "2.key";
  send.data = R"({"text":"2.t","hidden":false})";
  send.createdAt = send.revisedAt = kStart;
  send.deletionAt = kStart + 7 * kDay;
  return send;
}

Send fileSend(const TestVault& vault, int number, std::int64_t size) {
  Send send = textSend(vault, number);
  send.type = SendType::File;
  send.fileId = "f" + std::to_string(number);
  send.fileSize = size;
  return send;
}

std::vector<std::string> listed(SendStore& sends, std::string_view userId, std::size_t limit) {
  std::vector<std::string> ids;
  SendCursor cursor;
  while (sends.page(userId, cursor, limit, [&](const Send& send) { ids.push_back(send.id); })) {
  }
  return ids;
}

std::string removedFiles(Connection& db) {
  static constexpr Sql kList{"test.removed", "SELECT path FROM removed_files WHERE path > ''"};
  std::string all;
  auto rows = db.query(kList);
  while (rows.next()) all += rows.string(0) + "\n";
  return all;
}

}  // namespace

TEST_CASE("a Send is kept with everything it has, for its owner only") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    SendStore sends(tx);
    Send send = fileSend(vault, 10, 1234);
    send.notes = "2.notes";
    send.auth = SendAuth::Password;
    send.password = PasswordVerifier{std::string("\0h", 2), std::string("s\0", 2), 1000};
    send.maxAccessCount = 3;
    send.accessCount = 1;
    send.disabled = send.hideEmail = true;
    send.expiresAt = kStart + kDay;
    send.uploadedAt = kStart + 1;
    sends.insert(send);
    CHECK_THROWS_AS(sends.insert(send), Conflict);

    const auto found = sends.find(vault.alice, send.id);
    REQUIRE(found);
    CHECK(found->type == SendType::File);
    CHECK(found->notes == "2.notes");
    CHECK(found->auth == SendAuth::Password);
    REQUIRE(found->password);
    CHECK(found->password->hash == send.password->hash);
    CHECK(found->password->salt == send.password->salt);
    CHECK(found->password->iterations == 1000);
    CHECK(found->maxAccessCount == 3);
    CHECK(found->accessCount == 1);
    CHECK(found->disabled);
    CHECK(found->hideEmail);
    CHECK(found->fileId == "f10");
    CHECK(found->fileSize == 1234);
    CHECK(found->uploadedAt == kStart + 1);
    CHECK(found->expiresAt == kStart + kDay);
    CHECK(found->deletionAt == send.deletionAt);
    CHECK_FALSE(sends.find(vault.mallory, send.id));

    const auto shared = sends.findShared(send.id);
    REQUIRE(shared);
    CHECK(shared->ownerEmail == "alice@example.test");
    CHECK_FALSE(shared->ownerDisabled);
    CHECK_FALSE(sends.findShared(uuid(99)));
  });
}

TEST_CASE("an update changes what the owner may change and leaves file and count") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    SendStore sends(tx);
    Send send = fileSend(vault, 10, 5);
    send.accessCount = 2;
    sends.insert(send);

    Send changed = send;
    changed.name = "2.other";
    changed.auth = SendAuth::Email;
    changed.emails = "a@example.test";
    changed.fileId = "another";
    changed.fileSize = 99;
    changed.accessCount = 0;
    changed.disabled = true;
    CHECK(sends.update(changed));
    const auto found = sends.find(vault.alice, send.id);
    CHECK(found->name == "2.other");
    CHECK(found->emails == "a@example.test");
    CHECK(found->auth == SendAuth::Email);
    CHECK(found->disabled);
    CHECK(found->fileId == send.fileId);
    CHECK(found->fileSize == 5);
    CHECK(found->accessCount == 2);

    changed.userId = vault.mallory;
    CHECK_FALSE(sends.update(changed));
    CHECK_FALSE(sends.reseal(changed));
    CHECK_FALSE(sends.remove(vault.mallory, send.id));
    CHECK_FALSE(sends.markUploaded(changed));
    changed.userId = vault.alice;
    changed.key = "2.rotated";
    changed.disabled = false;
    CHECK(sends.reseal(changed));
    CHECK(sends.find(vault.alice, send.id)->key == "2.rotated");
    CHECK(sends.find(vault.alice, send.id)->disabled);
  });
}

TEST_CASE("announced files count towards the quota and are in no list until they arrive") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    SendStore sends(tx);
    CHECK(sends.fileBytes(vault.alice) == 0);
    for (int n = 10; n < 15; ++n) sends.insert(textSend(vault, n));
    Send come = fileSend(vault, 15, 100);
    sends.insert(come);
    sends.insert(fileSend(vault, 16, 1000));
    CHECK(sends.fileBytes(vault.alice) == 1100);
    CHECK(listed(sends, vault.alice, 1).size() == 5);
    CHECK_FALSE(sends.countAccess(uuid(15), kStart));

    come.uploadedAt = come.revisedAt = kStart + 1;
    come.fileSize = 101;
    come.data = "{}";
    CHECK(sends.markUploaded(come));
    CHECK(sends.find(vault.alice, come.id)->data == "{}");
    CHECK_FALSE(sends.markUploaded(come));
    come.id = uuid(10);
    CHECK_FALSE(sends.markUploaded(come));
    CHECK(listed(sends, vault.alice, 1) == listed(sends, vault.alice, 1 << 20));
    CHECK(listed(sends, vault.alice, 1).back() == uuid(15));
    CHECK(listed(sends, vault.mallory, 1).empty());
    CHECK(sends.countAccess(uuid(15), kStart + 1));

    CHECK(sends.removeAnnounced(vault.alice) == 1);
    CHECK(sends.fileBytes(vault.alice) == 101);
  });
}

TEST_CASE("an access is counted only while the Send may be read") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    SendStore sends(tx);
    Send send = textSend(vault, 10);
    send.maxAccessCount = 2;
    send.expiresAt = kStart + kDay;
    sends.insert(send);
    const auto first = sends.countAccess(send.id, kStart);
    REQUIRE(first);
    CHECK(first->userId == vault.alice);
    CHECK(first->revisedAt == kStart + 1000);
    CHECK_FALSE(sends.countAccess(send.id, kStart + kDay));
    CHECK(sends.countAccess(send.id, kStart + kDay - 1)->revisedAt == kStart + kDay - 1);
    CHECK_FALSE(sends.countAccess(send.id, kStart + kDay - 1));
    CHECK(sends.find(vault.alice, send.id)->accessCount == 2);

    Send other = textSend(vault, 11);
    sends.insert(other);
    CHECK(sends.countAccess(other.id, other.deletionAt - 1));
    CHECK_FALSE(sends.countAccess(other.id, other.deletionAt));
    other.disabled = true;
    CHECK(sends.update(other));
    CHECK_FALSE(sends.countAccess(other.id, kStart));
    other.disabled = false;
    CHECK(sends.update(other));
    CHECK(UserStore(tx).setEnabled(vault.alice, false, kStart));
    CHECK(sends.findShared(other.id)->ownerDisabled);
    CHECK_FALSE(sends.countAccess(other.id, kStart));
    CHECK_FALSE(sends.countAccess(uuid(99), kStart));
  });
}

TEST_CASE("a purge removes what is due, a bounded number at a time, and notes the files") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    SendStore sends(tx);
    for (int n = 10; n < 15; ++n) {
      Send send = n == 12 ? fileSend(vault, n, 1) : textSend(vault, n);
      if (n == 12) send.uploadedAt = kStart;
      send.deletionAt = kStart + n * kMinute;
      sends.insert(send);
    }
    Send waiting = fileSend(vault, 20, 1);
    sends.insert(waiting);

    CHECK(sends.purge(kStart + 12 * kMinute, kStart, 2).size() == 2);
    CHECK(removedFiles(tx.connection()).empty());
    CHECK(sends.purge(kStart + 12 * kMinute, kStart, 2) == std::vector{vault.alice});
    CHECK(removedFiles(tx.connection()) == "sends/" + uuid(12) + "/f12\n");
    CHECK(sends.purge(kStart + 12 * kMinute, kStart, 2).empty());
    CHECK(sends.purge(kStart, kStart + 1, 9).size() == 1);
    CHECK_FALSE(sends.find(vault.alice, waiting.id));
    CHECK(listed(sends, vault.alice, 1).size() == 2);
  });
}

TEST_CASE("a code is one for each Send and address, and goes with its time and its Send") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    SendStore sends(tx);
    SendCodeStore codes(tx);
    sends.insert(textSend(vault, 10));
    codes.put({uuid(10), "a@example.test", "one", 0, kStart, kStart + kMinute});
    codes.put({uuid(10), "b@example.test", "two", 0, kStart, kStart + 2 * kMinute});
    codes.countAttempt(uuid(10), "a@example.test");
    CHECK(codes.find(uuid(10), "a@example.test")->attempts == 1);
    CHECK(codes.find(uuid(10), "b@example.test")->attempts == 0);
    codes.put({uuid(10), "a@example.test", "three", 2, kStart + 1, kStart + kMinute});
    CHECK(codes.find(uuid(10), "a@example.test")->codeHash == "three");
    CHECK(codes.find(uuid(10), "a@example.test")->attempts == 2);
    CHECK_FALSE(codes.find(uuid(11), "a@example.test"));

    CHECK(codes.removeExpired(kStart + kMinute) == 1);
    CHECK_FALSE(codes.find(uuid(10), "a@example.test"));
    codes.remove(uuid(10), "b@example.test");
    CHECK_FALSE(codes.find(uuid(10), "b@example.test"));
    codes.put({uuid(10), "a@example.test", "four", 0, kStart, kStart + kMinute});
    CHECK(sends.remove(vault.alice, uuid(10)));
    CHECK_FALSE(codes.find(uuid(10), "a@example.test"));
  });
}
