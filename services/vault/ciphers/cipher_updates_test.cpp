// SPDX-License-Identifier: BSD-2-Clause
//
// What other devices are told when items and folders change (vault-core 8).
#include "services/vault/testing/test_items.h"
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

namespace coffer::vault {
namespace {

using testing::loginItem;
using testing::sealedText;
using testing::TestVault;

struct Told {
  TestVault vault;
  testing::TestClient client = vault.signUp("owner@example.test");

  Told() { (void)vault.takeUpdates(); }

  // The one update that `call` caused, by the client's own device.
  template <typename Call>
  Update one(Call&& call) {
    (void)vault.takeUpdates();
    call();
    const auto updates = vault.takeUpdates();
    REQUIRE(updates.size() == 1);
    CHECK(updates[0].userId == client.userId);
    CHECK(updates[0].actingDevice == client.device);
    return updates[0];
  }
};

}  // namespace

TEST_CASE("every change of one item is told with the item's own revision date") {
  Told told;
  auto& client = told.client;
  std::string id;
  std::string revision;
  const auto created = told.one([&] {
    const auto reply = client.post("/api/ciphers", loginItem());
    REQUIRE(reply.status == 200);
    id = reply.json().at("id");
    revision = reply.json().at("revisionDate");
  });
  CHECK(created.type == UpdateType::CipherCreate);
  CHECK(created.id == id);
  CHECK(formatIsoDate(created.date) == revision);

  told.vault.clock().advance(kSecond);
  const auto updated =
      told.one([&] { CHECK(client.put("/api/ciphers/" + id, loginItem()).status == 200); });
  CHECK(updated.type == UpdateType::CipherUpdate);
  CHECK(updated.date == created.date + kSecond);

  const nlohmann::json partial = {{"folderId", nullptr}, {"favorite", true}};
  CHECK(told.one([&] { client.put("/api/ciphers/" + id + "/partial", partial); }).type ==
        UpdateType::CipherUpdate);
  CHECK(told.one([&] { client.put("/api/ciphers/" + id + "/archive"); }).type ==
        UpdateType::CipherUpdate);
  CHECK(told.one([&] { client.put("/api/ciphers/" + id + "/delete"); }).type ==
        UpdateType::CipherUpdate);
  CHECK(told.one([&] { client.put("/api/ciphers/" + id + "/restore"); }).type ==
        UpdateType::CipherUpdate);
  const auto removed = told.one([&] { client.remove("/api/ciphers/" + id); });
  CHECK(removed.type == UpdateType::CipherDelete);
  CHECK(removed.id == id);
}

TEST_CASE("a change of many items is told once") {
  Told told;
  auto& client = told.client;
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(client.post("/api/ciphers", loginItem()).json().at("id"));
  const nlohmann::json body = {{"ids", ids}};
  CHECK(told.one([&] { client.put("/api/ciphers/delete", body); }).type == UpdateType::Ciphers);
  CHECK(told.one([&] { client.put("/api/ciphers/restore", body); }).type == UpdateType::Ciphers);
  CHECK(told.one([&] { client.put("/api/ciphers/archive", body); }).type == UpdateType::Ciphers);
  CHECK(told.one([&] {
              client.put("/api/ciphers/move", {{"ids", ids}, {"folderId", nullptr}});
            })
            .type == UpdateType::Ciphers);
  CHECK(told.one([&] { client.remove("/api/ciphers", body); }).type == UpdateType::Ciphers);
}

TEST_CASE("folders, imports and purges are told as what they are") {
  Told told;
  auto& client = told.client;
  std::string id;
  CHECK(told.one([&] {
              id = client.post("/api/folders", {{"name", sealedText()}}).json().at("id");
            })
            .type == UpdateType::FolderCreate);
  const auto renamed = told.one([&] {
    client.put("/api/folders/" + id, {{"name", sealedText(2)}});
  });
  CHECK(renamed.type == UpdateType::FolderUpdate);
  CHECK(renamed.id == id);
  CHECK(told.one([&] { client.remove("/api/folders/" + id); }).type == UpdateType::FolderDelete);
  CHECK(told.one([&] {
              client.post("/api/ciphers/import",
                          {{"ciphers", nlohmann::json::array({loginItem()})},
                           {"folders", nlohmann::json::array()},
                           {"folderRelationships", nlohmann::json::array()}});
            })
            .type == UpdateType::Vault);
  CHECK(told.one([&] {
              client.post("/api/ciphers/purge", {{"masterPasswordHash", client.passwordHash}});
            })
            .type == UpdateType::Vault);
}

TEST_CASE("what was refused is told to nobody") {
  Told told;
  auto stranger = told.vault.signUp("stranger@example.test");
  const std::string id = told.client.post("/api/ciphers", loginItem()).json().at("id");
  (void)told.vault.takeUpdates();
  CHECK(stranger.put("/api/ciphers/" + id, loginItem()).status == 404);
  CHECK(stranger.put("/api/ciphers/" + id + "/delete").status == 404);
  CHECK(stranger.remove("/api/ciphers", {{"ids", {id}}}).status == 200);
  CHECK(told.vault.takeUpdates().empty());
}

}  // namespace coffer::vault
