// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/folder_store.h"

#include "appliance/base/fault.h"
#include "storage/stores/cipher_store.h"
#include "storage/stores/test_vault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::storage;

namespace {

Folder makeFolder(int number, const std::string& owner) {
  return {uuid(number), owner, "2.name" + std::to_string(number), kStart + number, kStart + number};
}

}  // namespace

TEST_CASE("folders are listed oldest first, each owner's own") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    FolderStore folders(tx);
    folders.insert(makeFolder(12, vault.alice));
    folders.insert(makeFolder(11, vault.alice));
    folders.insert(makeFolder(13, vault.mallory));
    const auto list = folders.list(vault.alice);
    REQUIRE(list.size() == 2);
    CHECK(list[0].id == uuid(11));
    CHECK(list[1].id == uuid(12));
    CHECK(folders.count(vault.alice) == 2);
    CHECK_THROWS_AS(folders.insert(makeFolder(11, vault.mallory)), Conflict);
  });
}

TEST_CASE("a stranger's folder and a missing one look the same") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    FolderStore folders(tx);
    folders.insert(makeFolder(11, vault.alice));
    for (const auto& id : {uuid(11), uuid(99)}) {
      CHECK_FALSE(folders.find(vault.mallory, id));
      CHECK_FALSE(folders.owns(vault.mallory, id));
      CHECK_FALSE(folders.rename(vault.mallory, id, "2.stolen", kStart));
      CHECK_FALSE(folders.remove(vault.mallory, id));
    }
    CHECK(folders.removeAll(vault.mallory) == 0);
    CHECK(folders.owns(vault.alice, uuid(11)));
    CHECK(folders.find(vault.alice, uuid(11))->name == "2.name11");
  });
}

TEST_CASE("renaming sets name and revision") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    FolderStore folders(tx);
    folders.insert(makeFolder(11, vault.alice));
    CHECK(folders.rename(vault.alice, uuid(11), "2.other", kStart + kHour));
    const auto folder = folders.find(vault.alice, uuid(11)).value();
    CHECK(folder.name == "2.other");
    CHECK(folder.createdAt == kStart + 11);
    CHECK(folder.revisedAt == kStart + kHour);
  });
}

TEST_CASE("items stay when their folder goes") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    FolderStore folders(tx);
    folders.insert(makeFolder(11, vault.alice));
    Cipher cipher;
    cipher.id = uuid(50);
    cipher.userId = vault.alice;
    CipherStore ciphers(tx);
    ciphers.insert(cipher);
    CHECK(ciphers.setUserState(vault.alice, uuid(50), {uuid(11), true, std::nullopt}));
    CHECK(folders.remove(vault.alice, uuid(11)));
    const auto row = ciphers.find(vault.alice, uuid(50)).value();
    CHECK_FALSE(row.state.folderId);
    CHECK(row.state.favorite);
  });
}

TEST_CASE("removing many says which of them were the owner's") {
  TestVault vault;
  vault.use([&](Transaction& tx) {
    FolderStore folders(tx);
    for (int i = 11; i < 15; ++i) folders.insert(makeFolder(i, vault.alice));
    folders.insert(makeFolder(20, vault.mallory));
    const std::vector<std::string> ids = {uuid(12), uuid(20), uuid(99), uuid(11), uuid(12)};
    CHECK(folders.removeMany(vault.alice, ids) == std::vector{uuid(12), uuid(11)});
    CHECK(folders.removeAll(vault.alice) == 2);
    CHECK(folders.count(vault.mallory) == 1);
  });
}
