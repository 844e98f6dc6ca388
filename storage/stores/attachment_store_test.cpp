// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/attachment_store.h"

#include "appliance/base/fault.h"
#include "storage/stores/cipher_store.h"
#include "storage/stores/removed_file_store.h"
#include "storage/stores/stored_file_store.h"
#include "storage/stores/test_vault.h"

namespace coffer::storage {
namespace {

Cipher makeCipher(const std::string& id, const std::string& owner) {
  Cipher cipher;
  cipher.id = id;
  cipher.userId = owner;
  cipher.body = R"("reprompt":0)";
  cipher.createdAt = cipher.revisedAt = kStart;
  return cipher;
}

Attachment makeAttachment(const std::string& id, std::uint64_t size) {
  return {.id = id, .fileName = "2.name", .key = "2.key", .size = size};
}

struct Scene : TestVault {
  Scene() {
    use([&](Transaction& tx) {
      CipherStore(tx).insert(makeCipher(item, alice));
      CipherStore(tx).insert(makeCipher(other, mallory));
    });
  }
  std::vector<std::string> listed() {
    return use([&](Transaction& tx) {
      std::vector<std::string> ids;
      const auto row = CipherStore(tx).find(alice, item);
      REQUIRE(row.has_value());
      for (const auto& attachment : row->attachments) ids.push_back(attachment.id);
      return ids;
    });
  }
  std::vector<std::string> removed() {
    return use([](Transaction& tx) { return RemovedFileStore(tx).list("", 100); });
  }
  const std::string item = uuid(11);
  const std::string other = uuid(12);
};

}  // namespace

TEST_CASE("attachments are listed with their item, oldest first, once their files are there") {
  Scene scene;
  scene.use([&](Transaction& tx) {
    AttachmentStore store(tx);
    store.insert(scene.item, makeAttachment("b", 1), kStart, kStart);
    store.insert(scene.item, makeAttachment("a", 2), kStart + 1, kStart + 1);
    store.insert(scene.item, makeAttachment("waiting", 3), kStart + 2, std::nullopt);
    store.insert(scene.other, makeAttachment("foreign", 4), kStart, kStart);
    CHECK_THROWS_AS(store.insert(scene.item, makeAttachment("a", 2), kStart, kStart), Conflict);
  });
  CHECK(scene.listed() == std::vector<std::string>{"b", "a"});
  scene.use([&](Transaction& tx) {
    CipherCursor cursor;
    (void)CipherStore(tx).pageVisible(scene.alice, cursor, 1000, [](const CipherView& view) {
      REQUIRE(view.attachments.size() == 2);
      CHECK(view.attachments[1].id == "a");
      CHECK(view.attachments[1].key == "2.key");
    });
    AttachmentStore store(tx);
    CHECK(store.bytesOf(scene.alice) == 6);
    CHECK(store.bytesOf(scene.mallory) == 4);
    CHECK(store.markUploaded(scene.item, "waiting", 30, kStart + 3));
    CHECK_FALSE(store.markUploaded(scene.item, "waiting", 31, kStart + 3));
    CHECK_FALSE(store.markUploaded(scene.other, "waiting", 31, kStart + 3));
    CHECK(store.bytesOf(scene.alice) == 33);
  });
  CHECK(scene.listed() == std::vector<std::string>{"b", "a", "waiting"});
}

TEST_CASE("a link opens only what is there, of an enabled account, through its own item") {
  Scene scene;
  scene.use([&](Transaction& tx) {
    AttachmentStore store(tx);
    store.insert(scene.item, makeAttachment("a", 1), kStart, kStart);
    store.insert(scene.item, makeAttachment("waiting", 1), kStart, std::nullopt);
    CHECK(store.mayBeDownloaded(scene.item, "a"));
    CHECK_FALSE(store.mayBeDownloaded(scene.item, "waiting"));
    CHECK_FALSE(store.mayBeDownloaded(scene.other, "a"));
    REQUIRE(UserStore(tx).setEnabled(scene.alice, false, kStart));
    CHECK_FALSE(store.mayBeDownloaded(scene.item, "a"));
  });
}

TEST_CASE("the file of a row that goes is noted, whatever deletes it") {
  Scene scene;
  scene.use([&](Transaction& tx) {
    AttachmentStore store(tx);
    for (const char* id : {"a", "b", "c"}) {
      store.insert(scene.item, makeAttachment(id, 1), kStart,
                   id[0] == 'c' ? std::nullopt : std::optional(kStart));
    }
    CHECK(store.remove(scene.item, "a"));
    CHECK_FALSE(store.remove(scene.item, "a"));
    CHECK_FALSE(store.remove(scene.other, "b"));
    CHECK(store.removeAnnounced(kStart, 10) == 0);
    CHECK(store.removeAnnounced(kStart + 1, 10) == 1);
  });
  const auto path = [&](const char* id) { return "attachments/" + scene.item + "/" + id; };
  CHECK(scene.removed() == std::vector{path("a"), path("c")});
  scene.use(
      [&](Transaction& tx) { CHECK(CipherStore(tx).removeForever(scene.alice, scene.item)); });
  CHECK(scene.removed() == std::vector{path("a"), path("b"), path("c")});
  scene.use([&](Transaction& tx) {
    RemovedFileStore(tx).forget(std::vector{path("a"), path("c")});
    CHECK(RemovedFileStore(tx).list("", 1) == std::vector{path("b")});
    CHECK(RemovedFileStore(tx).list(path("b"), 1).empty());
  });
}

TEST_CASE("new seals replace names, and keys where there are new ones") {
  Scene scene;
  scene.use([&](Transaction& tx) {
    AttachmentStore store(tx);
    store.insert(scene.item, makeAttachment("a", 1), kStart, kStart);
    CHECK(store.reseal(scene.item, "a", "2.other", std::nullopt));
    CHECK(store.find("a")->attachment.fileName == "2.other");
    CHECK(store.find("a")->attachment.key == "2.key");
    CHECK(store.reseal(scene.item, "a", "2.other", "2.new"));
    CHECK(store.find("a")->attachment.key == "2.new");
    CHECK_FALSE(store.reseal(scene.other, "a", "2.other", std::nullopt));
    CHECK_FALSE(store.find("b"));
  });
}

TEST_CASE("files that must be there are paged through") {
  Scene scene;
  scene.use([&](Transaction& tx) {
    AttachmentStore store(tx);
    for (const char* id : {"c", "a", "b"})
      store.insert(scene.item, makeAttachment(id, 1), kStart, kStart);
    store.insert(scene.item, makeAttachment("d", 1), kStart, std::nullopt);
    StoredFileStore files(tx);
    const auto first = files.page(FileKind::Attachment, "", 2);
    REQUIRE(first.size() == 2);
    CHECK(first[1].id == "b");
    const auto rest =
        files.page(FileKind::Attachment, StoredFileStore::keyOf(FileKind::Attachment, first[1]), 2);
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].owner == scene.item);
    CHECK_FALSE(files.find(FileKind::Attachment, scene.item, "d")->isUploaded);
    CHECK_FALSE(files.find(FileKind::Attachment, scene.other, "a"));
    CHECK(files.ownerExists(FileKind::Attachment, scene.item));
    CHECK_FALSE(files.ownerExists(FileKind::Send, scene.item));
    CHECK(files.page(FileKind::Send, "", 2).empty());
    CHECK_FALSE(files.find(FileKind::Send, scene.item, "a"));
  });
}

}  // namespace coffer::storage
