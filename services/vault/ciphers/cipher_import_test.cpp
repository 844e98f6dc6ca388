// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/testing/test_items.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

TEST_CASE("an import makes items and folders, and reuses folders the caller has") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto own = addFolder(alice, 1);
  const auto theirs = addFolder(mallory, 2);
  const auto before = alice.revisionDate();
  const json body = {
      {"ciphers",
       {loginItem(0, {{"id", kUnusedId},
                      {"favorite", true},
                      {"folderId", theirs},
                      {"lastKnownRevisionDate", "2000-01-01T00:00:00Z"}}),
        loginItem(1, {{"archivedDate", "2026-01-02T03:04:05Z"}}),
        json{{"type", 2}, {"name", sealedText(2)}, {"notes", sealedText(3)}}}},
      {"folders",
       {json{{"id", own}, {"name", sealedText(9)}}, json{{"id", theirs}, {"name", sealedText(4)}},
        json{{"name", sealedText(5)}}}},
      {"folderRelationships", {json{{"key", 0}, {"value", 0}}, json{{"key", 1}, {"value", 1}}}}};
  const auto reply = alice.post("/api/ciphers/import", body);
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(alice.revisionDate() > before);

  const auto items = alice.get("/api/ciphers").json()["data"];
  REQUIRE(items.size() == 3);
  CHECK(items[0]["name"] == sealedText(0));
  CHECK(items[0]["id"] != kUnusedId);
  CHECK(items[0]["folderId"] == own);
  CHECK(items[0]["favorite"] == true);
  CHECK(items[1]["folderId"] != theirs);
  CHECK(items[1]["archivedDate"] == "2026-01-02T03:04:05.000000Z");
  CHECK(items[2]["folderId"].is_null());
  CHECK(items[2]["secureNote"] == json{{"type", 0}});
  const auto folders = alice.get("/api/folders").json()["data"];
  REQUIRE(folders.size() == 3);
  CHECK(folders[0]["name"] == sealedText(1));
  CHECK(folders[1]["name"] == sealedText(4));
  CHECK(folders[1]["id"] == items[1]["folderId"]);
  CHECK(mallory.get("/api/ciphers").json()["data"].empty());
}

TEST_CASE("one bad part of an import leaves nothing of the rest") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  struct Bad {
    json change;
    const char* field;  // Null: not a matter of one field.
  };
  json notes = json::array({loginItem(), loginItem(), loginItem()});
  notes.push_back(loginItem(0, {{"notes", std::string(10'001, 'x')}}));
  const Bad bad[] = {
      {{{"ciphers", notes}}, "Ciphers[3].Notes"},
      {{{"ciphers", {loginItem(), 5}}}, "Ciphers[1]"},
      {{{"ciphers", {json{{"type", 1}, {"name", sealedText()}}}}}, "Ciphers[0].Login"},
      {{{"ciphers", {loginItem(0, {{"login", {{"uris", {{{"uri", 5}}}}}}})}}},
       "Ciphers[0].Login.Uris[0].Uri"},
      {{{"folders", {json{{"name", "clear"}}}}}, "Folders[0].Name"},
      {{{"folders", {json{{"id", "x"}, {"name", sealedText()}}}}}, "Folders[0].Id"},
      {{{"folderRelationships", {json{{"key", 1}, {"value", 0}}}}}, "FolderRelationships[0].Key"},
      {{{"folderRelationships", {json{{"key", 0}, {"value", 1}}}}}, "FolderRelationships[0].Value"},
      {{{"folderRelationships", {json{{"key", -1}, {"value", 0}}}}}, "FolderRelationships[0].Key"},
      {{{"folderRelationships", {json{{"key", 0}}}}}, "FolderRelationships[0].Value"},
      {{{"ciphers", {loginItem(), loginItem(0, {{"encryptedFor", kUnusedId}})}}}, nullptr},
  };
  const auto before = alice.revisionDate();
  for (const auto& part : bad) {
    CAPTURE(part.change.dump().substr(0, 300));
    json body = {{"ciphers", {loginItem()}},
                 {"folders", {json{{"name", sealedText()}}}},
                 {"folderRelationships", {json{{"key", 0}, {"value", 0}}}}};
    body.update(part.change);
    const auto reply = alice.post("/api/ciphers/import", body);
    CHECK(reply.status == 400);
    if (part.field != nullptr) CHECK(reply.json()["validationErrors"].contains(part.field));
    CHECK(alice.get("/api/ciphers").json()["data"].empty());
    CHECK(alice.get("/api/folders").json()["data"].empty());
  }
  CHECK(alice.revisionDate() == before);
}

TEST_CASE("an import sealed with a key that the account no longer has is refused as a whole") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::string current(32, 'a');
  vault.database().write([&](storage::Transaction& tx) {
    CHECK(storage::UserStore(tx).setUserKeyId(alice.userId, current, vault.clock().now()));
  });
  const auto import = [&](const std::string& keyId) {
    return alice.post("/api/ciphers/import",
                      {{"ciphers", {loginItem(0), loginItem(1, {{"encryptedByKeyId", keyId}})}},
                       {"folders", {json{{"name", sealedText()}}}}});
  };
  const auto refused = import(std::string(32, 'b'));
  CHECK(refused.status == 400);
  CHECK(refused.json()["message"] ==
        "Cipher was not encrypted with the current user key. Please try again.");
  CHECK(alice.get("/api/ciphers").json()["data"].empty());
  CHECK(alice.get("/api/folders").json()["data"].empty());
  CHECK(import(current).status == 200);
  CHECK(alice.get("/api/ciphers").json()["data"].size() == 2);
}

TEST_CASE("an empty import is fine") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  CHECK(alice.post("/api/ciphers/import", json::object()).status == 200);
  CHECK(alice
            .post("/api/ciphers/import", {{"ciphers", json::array()},
                                          {"folders", {json{{"name", sealedText()}}}},
                                          {"folderRelationships", nullptr}})
            .status == 200);
  CHECK(alice.get("/api/folders").json()["data"].size() == 1);
}

}  // namespace
}  // namespace coffer::vault::testing
