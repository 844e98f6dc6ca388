// SPDX-License-Identifier: BSD-2-Clause
//
// Who may do what with attachments, and which links open.
#include "services/vault/testing/test_files.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

namespace coffer::vault::testing {
namespace {

struct Scene {
  std::string link() {
    return targetOf(alice.get("/api/ciphers/" + item).json()["attachments"][0]["url"]);
  }
  int open(const std::string& target) { return vault.call(http::Method::Get, target).status; }

  TestVault vault;
  TestClient alice = vault.signUp("alice@example.test");
  std::string item = addItem(alice);
  std::string id = attach(alice, item, "content");
};

}  // namespace

TEST_CASE("another person's attachments look like those of an item that does not exist") {
  Scene scene;
  const auto mallory = scene.vault.signUp("mallory@example.test");
  const auto own = addItem(mallory);
  const auto waiting = announce(scene.alice, scene.item, 7);
  const std::vector<TestPart> file{{"key", sealedText()}, {"data", "content", sealedText()}};
  for (const auto& item : {scene.item, kUnusedId, own}) {
    CAPTURE(item);
    const auto route = attachmentsOf(item);
    for (const auto& id : {scene.id, waiting}) {
      CHECK(mallory.get(route + "/" + id).status == 404);
      CHECK(mallory.get(route + "/" + id + "/renew").status == 404);
      CHECK(mallory.upload(route + "/" + id, file).status == 404);
      CHECK(mallory.remove(route + "/" + id).status == 404);
      CHECK(mallory.post(route + "/" + id + "/delete").status == 404);
    }
    if (item == own) continue;
    CHECK(mallory.post(route + "/v2", announcement(7)).status == 404);
    CHECK(mallory.upload(route, file).status == 404);
  }
  CHECK(scene.open(scene.link()) == 200);
  CHECK(filesOf(scene.vault).size() == 1);
}

TEST_CASE("an attachment is reached through its own item only") {
  Scene scene;
  const auto other = attachmentsOf(addItem(scene.alice)) + "/" + scene.id;
  CHECK(scene.alice.get(other).status == 404);
  CHECK(scene.alice.remove(other).status == 404);
  CHECK(scene.alice.get(attachmentsOf(scene.item) + "/" + scene.id).status == 200);
}

TEST_CASE("what only managers of organizations may do, nobody may") {
  Scene scene;
  const auto route = attachmentsOf(scene.item);
  const auto one = route + "/" + scene.id;
  const std::vector<TestPart> file{{"key", sealedText()}, {"data", "content", sealedText()}};
  CHECK(scene.alice.upload(route + "-admin", file).status == 404);
  CHECK(scene.alice.upload(one + "/share?organizationId=" + kUnusedId, file).status == 404);
  CHECK(scene.alice.get(one + "/admin").status == 404);
  CHECK(scene.alice.remove(one + "/admin").status == 404);
  CHECK(scene.alice.post(one + "/delete-admin").status == 404);
  CHECK(scene.open(scene.link()) == 200);
}

TEST_CASE("a link opens its own file for five minutes and nothing else") {
  Scene scene;
  const auto second = attach(scene.alice, scene.item, "second");
  const auto waiting = announce(scene.alice, scene.item, 7);
  const auto link = scene.link();
  const auto token = link.substr(link.find('=') + 1);
  const auto path = [&](const std::string& item, const std::string& id) {
    return "/attachments/" + item + "/" + id + "?token=" + token;
  };
  CHECK(link == path(scene.item, scene.id));
  CHECK(scene.open(link) == 200);
  CHECK(scene.open(path(scene.item, second)) == 404);
  CHECK(scene.open(path(scene.item, waiting)) == 404);
  CHECK(scene.open(path(addItem(scene.alice), scene.id)) == 404);
  CHECK(scene.open("/attachments/" + scene.item + "/" + scene.id) == 404);
  CHECK(scene.open("/attachments/" + scene.item + "/" + scene.id + "?token=") == 404);
  CHECK(scene.open("/attachments/" + scene.item + "/" + scene.id +
                   "?token=" + scene.alice.accessToken) == 404);
  auto tampered = link;
  tampered[tampered.size() - 9] = tampered[tampered.size() - 9] == 'A' ? 'B' : 'A';
  CHECK(scene.open(tampered) == 404);

  const auto byToken = "/api/ciphers/attachment/download?token=";
  CHECK(scene.open(byToken + scene.item + "." + scene.id + "." + token) == 200);
  CHECK(scene.open(byToken + scene.item + "." + second + "." + token) == 404);
  CHECK(scene.open(byToken + token) == 404);
  CHECK(scene.open(byToken + std::string("..")) == 404);
  CHECK(scene.open("/api/ciphers/attachment/download") == 404);

  scene.vault.clock().advance(5 * kMinute);
  CHECK(scene.open(link) == 404);
  CHECK(scene.open(scene.link()) == 200);
}

TEST_CASE("no link of a disabled account's files opens, nor one from before a restart") {
  Scene scene;
  const auto link = scene.link();
  scene.vault.database().write([&](storage::Transaction& tx) {
    REQUIRE(
        storage::UserStore(tx).setEnabled(scene.alice.userId, false, scene.vault.clock().now()));
  });
  CHECK(scene.open(link) == 404);
  scene.vault.database().write([&](storage::Transaction& tx) {
    REQUIRE(storage::UserStore(tx).setEnabled(scene.alice.userId, true, scene.vault.clock().now()));
  });
  CHECK(scene.open(link) == 200);
  scene.vault.restart();
  CHECK(scene.open(link) == 404);
}

TEST_CASE("a row whose file is missing is a 404, not a fault") {
  Scene scene;
  const auto link = scene.link();
  std::filesystem::remove(scene.vault.folder() / filesOf(scene.vault).at(0));
  CHECK(scene.open(link) == 404);
}

}  // namespace coffer::vault::testing
