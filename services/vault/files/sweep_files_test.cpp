// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/sweep_files.h"

#include "services/vault/files/check_files.h"
#include "services/vault/files/removed_files.h"
#include "services/vault/testing/test_files.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/attachment_store.h"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <fstream>

namespace coffer::vault::testing {
namespace {

struct Scene {
  const VaultContext& context() { return vault.service().context(); }

  // A file that was written at `time`, and so its folder.
  void put(const std::string& path, const std::string& content, UnixMicros time) {
    const auto file = vault.folder() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
    date(path, time);
    date(std::filesystem::path(path).parent_path(), time);
  }

  void date(const std::string& path, UnixMicros time) {
    const timespec at{time / kSecond, 0};
    const timespec times[2] = {at, at};
    REQUIRE(::utimensat(AT_FDCWD, (vault.folder() / path).c_str(), times, 0) == 0);
  }

  // "missing attachments/…", in order of discovery.
  std::vector<std::string> problems() {
    report = checkFiles(vault.database(), context().files, vault.clock().now(), {});
    std::vector<std::string> lines;
    for (const auto& problem : report.problems)
      lines.push_back(std::string(nameOf(problem.kind)) + " " + problem.path);
    return lines;
  }

  TestVault vault;
  TestClient alice = vault.signUp("alice@example.test");
  std::string item = addItem(alice);
  UnixMicros now = vault.clock().now();
  FileReport report;
};

}  // namespace

TEST_CASE("a file that nothing belongs to is swept when it is a day old") {
  Scene scene;
  const auto id = attach(scene.alice, scene.item, "content");
  const auto known = "attachments/" + scene.item + "/" + id;
  scene.date(known, scene.now - 10 * kDay);
  scene.put("attachments/" + scene.item + "/00000000000000000000", "old", scene.now - 2 * kDay);
  scene.put("attachments/" + kUnusedId + "/" + id, "of another item", scene.now - 2 * kDay);
  scene.put("sends/" + kUnusedId + "/abc", "old", scene.now - 2 * kDay);
  const auto young = "attachments/" + scene.item + "/11111111111111111111";
  scene.put(young, "young", scene.now - kHour);

  CHECK(scene.problems().size() == 3);
  CHECK(scene.report.leftovers == 1);
  CHECK(sweepFiles(scene.context()) == 3);
  CHECK(filesOf(scene.vault) ==
        (id < std::string(20, '1') ? std::vector{known, young} : std::vector{young, known}));
  CHECK_FALSE(std::filesystem::exists(scene.vault.folder() / "attachments" / kUnusedId));
  CHECK_FALSE(std::filesystem::exists(scene.vault.folder() / "sends" / kUnusedId));
  CHECK(std::filesystem::exists(scene.vault.folder() / "attachments" / scene.item));
  CHECK(sweepFiles(scene.context()) == 0);
  CHECK(scene.problems().empty());
  CHECK(scene.report.files == 1);
  CHECK(scene.report.bytes == 7);
}

TEST_CASE("an announcement whose file never came is forgotten after two days") {
  Scene scene;
  const auto id = announce(scene.alice, scene.item, 1000);
  scene.vault.clock().advance(2 * kDay);
  CHECK(sweepFiles(scene.context()) == 0);
  scene.vault.clock().advance(1);
  CHECK(sweepFiles(scene.context()) == 1);
  CHECK(sweepFiles(scene.context()) == 0);
}

TEST_CASE("an unfinished upload of a process that is gone is swept, one on its way is not") {
  Scene scene;
  const auto temp = "attachments/" + scene.item + "/x.coffer-temp0123456789abcdef";
  scene.put(temp, "part", scene.now - kMinute);
  CHECK(scene.problems().empty());
  CHECK(scene.report.leftovers == 0);
  CHECK(sweepFiles(scene.context()) == 1);
  CHECK(filesOf(scene.vault).empty());
}

TEST_CASE("the folder of an upload stays whose row is still to come") {
  Scene scene;
  const auto young = "sends/" + kUnusedId;
  std::filesystem::create_directories(scene.vault.folder() / young);
  std::filesystem::create_directories(scene.vault.folder() / "attachments" / kUnusedId);
  scene.date(young, scene.now - kHour);
  scene.date("attachments/" + kUnusedId, scene.now - 2 * kDay);
  CHECK(sweepFiles(scene.context()) == 0);
  CHECK(std::filesystem::exists(scene.vault.folder() / young));
  CHECK_FALSE(std::filesystem::exists(scene.vault.folder() / "attachments" / kUnusedId));
  scene.vault.clock().advance(kDay);
  CHECK(sweepFiles(scene.context()) == 0);
  CHECK_FALSE(std::filesystem::exists(scene.vault.folder() / young));
}

TEST_CASE("a file whose row is gone and which is still to be removed is no problem") {
  Scene scene;
  const auto id = attach(scene.alice, scene.item, "content");
  const auto path = "attachments/" + scene.item + "/" + id;
  scene.date(path, scene.now - 10 * kDay);
  // As a crash leaves it behind the row.
  scene.vault.database().write([&](storage::Transaction& tx) {
    REQUIRE(storage::AttachmentStore(tx).remove(scene.item, id));
  });
  CHECK(scene.problems().empty());
  CHECK(scene.report.leftovers == 1);
  CHECK(removeFilesOfRemovedRows(scene.context()) == 1);
  CHECK(filesOf(scene.vault).empty());
  CHECK(scene.problems().empty());
  CHECK(scene.report.leftovers == 0);
}

TEST_CASE("a deletion that is done stays done when its files cannot be removed yet") {
  Scene scene;
  (void)attach(scene.alice, scene.item, "content");
  REQUIRE(scene.alice.remove("/api/ciphers/" + scene.item).status == 200);
  CHECK(filesOf(scene.vault).empty());
  scene.vault.database().close();
  CHECK(removeFilesOfRemovedRows(scene.context()) == 0);
}

TEST_CASE("a check tells of files that are missing or have another size") {
  Scene scene;
  const auto a = attach(scene.alice, scene.item, "content");
  CHECK(scene.problems().empty());
  (void)announce(scene.alice, scene.item, 5);
  CHECK(scene.problems().empty());

  const auto path = "attachments/" + scene.item + "/" + a;
  scene.put(path, "other size", scene.now);
  CHECK(scene.problems() == std::vector{"wrong size " + path});
  CHECK(scene.report.problems[0].expected == 7);
  CHECK(scene.report.problems[0].found == 10);
  std::filesystem::remove(scene.vault.folder() / path);
  CHECK(scene.problems() == std::vector{"missing " + path});
  CHECK(scene.vault.database().findDamage().empty());
}

}  // namespace coffer::vault::testing
