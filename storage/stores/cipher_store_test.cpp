// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/cipher_store.h"

#include "appliance/base/fault.h"
#include "storage/stores/folder_store.h"
#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

#include <chrono>

using namespace coffer;
using namespace coffer::storage;

namespace {

Cipher makeCipher(int number, const std::string& owner, std::string body = R"("name":"2.n")") {
  Cipher cipher;
  cipher.id = uuid(number);
  cipher.userId = owner;
  cipher.type = 1;
  cipher.body = std::move(body);
  cipher.createdAt = kStart;
  cipher.revisedAt = kStart;
  return cipher;
}

std::vector<std::string> idsOf(CipherStore& ciphers, const std::string& user, std::size_t limit) {
  std::vector<std::string> ids;
  CipherCursor cursor;
  while (ciphers.pageVisible(user, cursor, limit,
                             [&](const CipherView& view) { ids.emplace_back(view.id); })) {
  }
  return ids;
}

}  // namespace

TEST_CASE("an item comes back as it was stored") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    Cipher cipher = makeCipher(10, vault.alice, R"("name":"2.ü","login":{"uris":null})");
    cipher.type = 8;
    cipher.deletedAt = kStart + 5;
    ciphers.insert(cipher);
    const auto row = ciphers.find(vault.alice, uuid(10)).value();
    CHECK(row.cipher.id == uuid(10));
    CHECK(row.cipher.userId == vault.alice);
    CHECK_FALSE(row.cipher.organizationId);
    CHECK(row.cipher.type == 8);
    CHECK(row.cipher.body == cipher.body);
    CHECK(row.cipher.createdAt == kStart);
    CHECK(row.cipher.revisedAt == kStart);
    CHECK(row.cipher.deletedAt == kStart + 5);
    CHECK_FALSE(row.state.folderId);
    CHECK_FALSE(row.state.favorite);
    CHECK_FALSE(row.state.archivedAt);
    CHECK(row.access.edit);
    CHECK(row.access.viewPassword);
    CHECK_THROWS_AS(ciphers.insert(cipher), Conflict);
  });
}

TEST_CASE("an item needs an owner that exists, and only one") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    CHECK_THROWS_AS(ciphers.insert(makeCipher(10, uuid(99))), Conflict);
    Cipher nobodys = makeCipher(10, vault.alice);
    nobodys.userId.reset();
    CHECK_THROWS_AS(ciphers.insert(nobodys), Fault);
    Cipher both = makeCipher(10, vault.alice);
    both.organizationId = uuid(98);
    CHECK_THROWS_AS(ciphers.insert(both), Fault);
    CHECK(ciphers.count(vault.alice) == 0);
  });
}

TEST_CASE("a stranger's item and a missing one look the same to every operation") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    ciphers.insert(makeCipher(10, vault.alice));
    Cipher trashed = makeCipher(11, vault.alice);
    trashed.deletedAt = kStart;
    ciphers.insert(trashed);
    const std::vector<std::string> ids = {uuid(10), uuid(11), uuid(99)};
    for (const auto& id : ids) {
      CHECK_FALSE(ciphers.find(vault.mallory, id));
      CHECK_FALSE(ciphers.update(vault.mallory, id, 1, R"("name":"x")", kStart + 1));
      CHECK_FALSE(ciphers.setUserState(vault.mallory, id, {std::nullopt, true, std::nullopt}));
      CHECK_FALSE(ciphers.trash(vault.mallory, id, kStart + 1));
      CHECK_FALSE(ciphers.restore(vault.mallory, id, kStart + 1));
      CHECK_FALSE(ciphers.removeForever(vault.mallory, id));
    }
    CHECK(ciphers.moveToFolder(vault.mallory, ids, std::nullopt).empty());
    CHECK(ciphers.archive(vault.mallory, ids, kStart).empty());
    CHECK(ciphers.unarchive(vault.mallory, ids, kStart).empty());
    CHECK(ciphers.trash(vault.mallory, ids, kStart).empty());
    CHECK(ciphers.restore(vault.mallory, ids, kStart).empty());
    CHECK(ciphers.removeForever(vault.mallory, ids).empty());
    CHECK(ciphers.purge(vault.mallory).empty());
    CHECK(idsOf(ciphers, vault.mallory, 1).empty());

    const auto row = ciphers.find(vault.alice, uuid(10)).value();
    CHECK(row.cipher.revisedAt == kStart);
    CHECK(row.cipher.body == R"("name":"2.n")");
    CHECK_FALSE(row.state.favorite);
    CHECK(ciphers.find(vault.alice, uuid(11))->cipher.deletedAt == kStart);
  });
}

TEST_CASE("a walk hands out every item once, in order, whatever the page size") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) {
      ciphers.insert(makeCipher(100 + i, i % 3 == 2 ? vault.mallory : vault.alice));
      if (i % 3 != 2) expected.push_back(uuid(100 + i));
    }
    for (const std::size_t limit : {0u, 1u, 25u, 1'000'000u}) {
      CAPTURE(limit);
      CHECK(idsOf(ciphers, vault.alice, limit) == expected);
    }
  });
}

TEST_CASE("a page ends when its bytes are reached") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    for (int i = 0; i < 4; ++i) {
      ciphers.insert(makeCipher(10 + i, vault.alice, std::string(100, 'x')));
    }
    int seen = 0;
    CipherCursor cursor;
    CHECK(ciphers.pageVisible(vault.alice, cursor, 150, [&](const CipherView&) { ++seen; }));
    CHECK(seen == 2);
    CHECK_FALSE(ciphers.pageVisible(vault.alice, cursor, 1000, [&](const CipherView&) { ++seen; }));
    CHECK(seen == 4);
  });
}

TEST_CASE("a walk sees the reader's own state and may look up other rows meanwhile") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    FolderStore(tx).insert({uuid(5), vault.alice, "2.f", kStart, kStart});
    ciphers.insert(makeCipher(10, vault.alice));
    ciphers.insert(makeCipher(11, vault.alice));
    CHECK(ciphers.setUserState(vault.alice, uuid(10), {uuid(5), true, kStart + 9}));
    CHECK(ciphers.trash(vault.alice, uuid(11), kStart + kMinute));
    CipherCursor cursor;
    int seen = 0;
    const bool more =
        ciphers.pageVisible(vault.alice, cursor, 1'000'000, [&](const CipherView& view) {
          CHECK(ciphers.find(vault.alice, view.id));
          if (seen++ == 0) {
            CHECK(view.id == uuid(10));
            CHECK(view.organizationId.empty());
            CHECK(view.folderId == uuid(5));
            CHECK(view.favorite);
            CHECK(view.archivedAt == kStart + 9);
            CHECK_FALSE(view.deletedAt);
            CHECK(view.body == R"("name":"2.n")");
          } else {
            CHECK(view.folderId.empty());
            CHECK_FALSE(view.favorite);
            CHECK(view.deletedAt == kStart + kMinute);
            CHECK(view.revisedAt == kStart + kMinute);
          }
        });
    CHECK_FALSE(more);
    CHECK(seen == 2);
  });
}

TEST_CASE("a folder that is not the reader's own is never stored") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    FolderStore(tx).insert({uuid(5), vault.mallory, "2.f", kStart, kStart});
    ciphers.insert(makeCipher(10, vault.alice));
    CHECK(ciphers.setUserState(vault.alice, uuid(10), {uuid(5), false, std::nullopt}));
    CHECK_FALSE(ciphers.find(vault.alice, uuid(10))->state.folderId);
    const std::vector<std::string> ids = {uuid(10)};
    CHECK(ciphers.moveToFolder(vault.alice, ids, uuid(5)) == ids);
    CHECK_FALSE(ciphers.find(vault.alice, uuid(10))->state.folderId);
  });
}

TEST_CASE("moving keeps favourite and archive, and answers each item once") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    FolderStore(tx).insert({uuid(5), vault.alice, "2.f", kStart, kStart});
    ciphers.insert(makeCipher(10, vault.alice));
    ciphers.insert(makeCipher(11, vault.alice));
    CHECK(ciphers.setUserState(vault.alice, uuid(10), {std::nullopt, true, kStart}));
    const std::vector<std::string> ids = {uuid(10), uuid(99), uuid(11), uuid(10)};
    CHECK(ciphers.moveToFolder(vault.alice, ids, uuid(5)) == std::vector{uuid(10), uuid(11)});
    auto row = ciphers.find(vault.alice, uuid(10)).value();
    CHECK(row.state.folderId == uuid(5));
    CHECK(row.state.favorite);
    CHECK(row.state.archivedAt == kStart);
    CHECK(row.cipher.revisedAt == kStart);
    CHECK(ciphers.moveToFolder(vault.alice, ids, std::nullopt).size() == 2);
    CHECK_FALSE(ciphers.find(vault.alice, uuid(10))->state.folderId);
  });
}

TEST_CASE("archiving answers those that changed") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    ciphers.insert(makeCipher(10, vault.alice));
    ciphers.insert(makeCipher(11, vault.alice));
    CHECK(ciphers.setUserState(vault.alice, uuid(10), {std::nullopt, true, std::nullopt}));
    const std::vector<std::string> ids = {uuid(10), uuid(11)};
    CHECK(ciphers.archive(vault.alice, ids, kStart + 1) == ids);
    CHECK(ciphers.archive(vault.alice, ids, kStart + 2).empty());
    const auto archived = ciphers.find(vault.alice, uuid(10)).value();
    CHECK(archived.state.archivedAt == kStart + 1);
    CHECK(archived.state.favorite);
    CHECK(archived.cipher.revisedAt == kStart + 1000);  // On, by the least that clients see.
    CHECK(ciphers.unarchive(vault.alice, ids, kStart + kSecond) == ids);
    CHECK(ciphers.unarchive(vault.alice, ids, kStart + 2 * kSecond).empty());
    const auto out = ciphers.find(vault.alice, uuid(10)).value();
    CHECK_FALSE(out.state.archivedAt);
    CHECK(out.cipher.revisedAt == kStart + kSecond);
  });
}

TEST_CASE("the trash keeps items until they are restored or removed for good") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    for (int i = 10; i < 13; ++i) ciphers.insert(makeCipher(i, vault.alice));
    const std::vector<std::string> two = {uuid(10), uuid(11), uuid(99)};
    CHECK(ciphers.trash(vault.alice, two, kStart + 1 * kSecond) == std::vector{uuid(10), uuid(11)});
    CHECK(ciphers.trash(vault.alice, two, kStart + 2 * kSecond).empty());
    CHECK(ciphers.find(vault.alice, uuid(10))->cipher.deletedAt == kStart + 1 * kSecond);
    CHECK(ciphers.find(vault.alice, uuid(10))->cipher.revisedAt == kStart + 1 * kSecond);

    CHECK(ciphers.restore(vault.alice, two, kStart + 3 * kSecond) ==
          std::vector{uuid(10), uuid(11)});
    CHECK_FALSE(ciphers.restore(vault.alice, uuid(10), kStart + 4 * kSecond));
    CHECK_FALSE(ciphers.find(vault.alice, uuid(10))->cipher.deletedAt);
    CHECK(ciphers.find(vault.alice, uuid(10))->cipher.revisedAt == kStart + 3 * kSecond);

    CHECK(ciphers.removeForever(vault.alice, two) == std::vector{uuid(10), uuid(11)});
    CHECK_FALSE(ciphers.find(vault.alice, uuid(10)));
    CHECK(ciphers.count(vault.alice) == 1);
  });
}

TEST_CASE("an item's revision moves forward even when the clock does not") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    ciphers.insert(makeCipher(10, vault.alice));
    CHECK(ciphers.trash(vault.alice, uuid(10), kStart));
    CHECK(ciphers.find(vault.alice, uuid(10))->cipher.revisedAt == kStart + 1000);
    CHECK(ciphers.restore(vault.alice, uuid(10), kStart - kDay));
    CHECK(ciphers.find(vault.alice, uuid(10))->cipher.revisedAt == kStart + 2000);
  });
}

TEST_CASE("purging removes every personal item of one user and says which") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    for (int i = 10; i < 13; ++i) ciphers.insert(makeCipher(i, vault.alice));
    ciphers.insert(makeCipher(20, vault.mallory));
    CHECK(ciphers.purge(vault.alice) == std::vector{uuid(10), uuid(11), uuid(12)});
    CHECK(ciphers.count(vault.alice) == 0);
    CHECK(ciphers.count(vault.mallory) == 1);
  });
}

TEST_CASE("an update replaces what is shared and leaves the reader's state") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    ciphers.insert(makeCipher(10, vault.alice));
    CHECK(ciphers.setUserState(vault.alice, uuid(10), {std::nullopt, true, std::nullopt}));
    CHECK(ciphers.update(vault.alice, uuid(10), 2, R"("name":"2.m")", kStart + kHour));
    const auto row = ciphers.find(vault.alice, uuid(10)).value();
    CHECK(row.cipher.type == 2);
    CHECK(row.cipher.body == R"("name":"2.m")");
    CHECK(row.cipher.createdAt == kStart);
    CHECK(row.cipher.revisedAt == kStart + kHour);
    CHECK(row.state.favorite);
  });
}

TEST_CASE("thousands of items are removed one by one in time that grows with their number") {
  TestVault vault;
  std::vector<std::string> ids;
  vault.use([&](Transaction& tx) {
    CipherStore ciphers(tx);
    for (int i = 0; i < 6'000; ++i) {
      ids.push_back(uuid(1'000'000 + i * 7'919 % 6'000));  // Not in the order of their index.
      auto cipher = makeCipher(10, vault.alice, std::string(1'200, 'x'));
      cipher.id = ids.back();
      ciphers.insert(cipher);
      CHECK(ciphers.setUserState(vault.alice, cipher.id, {std::nullopt, true, std::nullopt}));
    }
  });
  const auto begin = std::chrono::steady_clock::now();
  vault.use([&](Transaction& tx) {
    CHECK(CipherStore(tx).removeForever(vault.alice, ids).size() == ids.size());
  });
  // About a second. When the old pages of all are kept until the end it is minutes.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}
