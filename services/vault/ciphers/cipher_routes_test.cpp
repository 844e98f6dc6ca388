// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/testing/test_items.h"
#include "storage/stores/user_store.h"

#include <doctest/doctest.h>

#include <cctype>
#include <set>

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

const std::set<std::string> kMembers = {"object",
                                        "id",
                                        "organizationId",
                                        "folderId",
                                        "type",
                                        "name",
                                        "notes",
                                        "key",
                                        "favorite",
                                        "reprompt",
                                        "edit",
                                        "viewPassword",
                                        "permissions",
                                        "organizationUseTotp",
                                        "collectionIds",
                                        "creationDate",
                                        "revisionDate",
                                        "deletedDate",
                                        "archivedDate",
                                        "fields",
                                        "passwordHistory",
                                        "attachments",
                                        "login",
                                        "secureNote",
                                        "card",
                                        "identity",
                                        "sshKey",
                                        "bankAccount",
                                        "driversLicense",
                                        "passport"};

std::set<std::string> namesOf(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

std::string pathOf(const std::string& id) { return "/api/ciphers/" + id; }

TEST_CASE("a new item is answered with every member clients know") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto folder = addFolder(alice);
  const auto before = alice.revisionDate();
  const auto reply =
      alice.post("/api/ciphers", loginItem(0, {{"folderId", folder},
                                               {"favorite", true},
                                               {"reprompt", 1},
                                               {"encryptedFor", alice.userId},
                                               {"lastKnownRevisionDate", "2000-01-01T00:00:00Z"}}));
  CHECK(reply.status == 200);
  const auto item = reply.json();
  CHECK(namesOf(item) == kMembers);
  CHECK(item["object"] == "cipherDetails");
  CHECK(item["organizationId"].is_null());
  CHECK(item["folderId"] == folder);
  CHECK(item["type"] == 1);
  CHECK(item["favorite"] == true);
  CHECK(item["reprompt"] == 1);
  CHECK(item["edit"] == true);
  CHECK(item["viewPassword"] == true);
  CHECK(item["permissions"] == json{{"delete", true}, {"restore", true}});
  CHECK(item["collectionIds"] == json::array());
  CHECK(item["attachments"].is_null());
  CHECK(item["deletedDate"].is_null());
  CHECK(item["archivedDate"].is_null());
  CHECK(item["creationDate"] == formatIsoDate(vault.clock().now()));
  CHECK(item["revisionDate"] == item["creationDate"]);
  CHECK(item["login"]["uri"] == sealedText(3));
  CHECK(alice.revisionDate() > before);

  const auto path = pathOf(item["id"]);
  for (const char* form : {"", "/details", "/full-details"})
    CHECK(alice.get(path + form).json() == item);
  CHECK(alice.get("/api/ciphers").json() ==
        json{{"object", "list"}, {"continuationToken", nullptr}, {"data", {item}}});
}

TEST_CASE("an item goes into the caller's own vault only") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto theirs = addFolder(mallory);

  const auto stranger =
      alice.post("/api/ciphers", loginItem(0, {{"encryptedFor", mallory.userId}}));
  CHECK(stranger.status == 400);
  CHECK(stranger.json()["message"] ==
        "Cipher was not encrypted for the current user. Please try again.");
  const auto folder = alice.post("/api/ciphers", loginItem(0, {{"folderId", theirs}}));
  CHECK(folder.status == 400);
  CHECK(folder.json()["message"] == "Invalid folder.");
  CHECK(alice.post("/api/ciphers", loginItem(0, {{"organizationId", kUnusedId}})).status == 404);

  for (const char* path : {"/api/ciphers/create", "/api/ciphers/admin"}) {
    const auto copy = alice.post(path, {{"cipher", loginItem()}, {"collectionIds", json::array()}});
    CHECK(copy.status == 200);
    CHECK(copy.json()["organizationId"].is_null());
    const json shared = loginItem(0, {{"organizationId", kUnusedId}});
    const auto nowhere = alice.post(path, {{"cipher", shared}, {"collectionIds", json::array()}});
    CHECK(nowhere.status == 400);
    CHECK(nowhere.json()["message"] == "You must select at least one collection.");
    CHECK(alice.post(path, {{"cipher", shared}, {"collectionIds", {kUnusedId}}}).status == 404);
    CHECK(alice.post(path, loginItem()).status == 400);
  }
  CHECK(alice.get("/api/ciphers").json()["data"].size() == 2);
}

TEST_CASE("an item sealed with a key that is not the account's is refused") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::string current(32, 'a');
  const std::string old(32, 'b');
  CHECK(alice.post("/api/ciphers", loginItem(0, {{"encryptedByKeyId", old}})).status == 200);
  vault.database().write([&](storage::Transaction& tx) {
    CHECK(storage::UserStore(tx).setUserKeyId(alice.userId, current, vault.clock().now()));
  });
  CHECK(alice.post("/api/ciphers", loginItem(0, {{"encryptedByKeyId", current}})).status == 200);
  CHECK(alice.post("/api/ciphers", loginItem()).status == 200);
  const auto refused = alice.post("/api/ciphers", loginItem(0, {{"encryptedByKeyId", old}}));
  CHECK(refused.status == 400);
  CHECK(refused.json()["message"] ==
        "Cipher was not encrypted with the current user key. Please try again.");
  const auto id = addItem(alice);
  CHECK(alice.put(pathOf(id), loginItem(0, {{"encryptedByKeyId", old}})).status == 400);
}

TEST_CASE("an update replaces the item, but for what clients of some years leave out") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto folder = addFolder(alice);
  const auto id = addItem(alice, loginItem(0, {{"folderId", folder},
                                               {"favorite", true},
                                               {"reprompt", 1},
                                               {"key", sealedText(5)},
                                               {"notes", sealedText(6)},
                                               {"archivedDate", "2026-01-02T03:04:05Z"}}));
  const auto old = alice.get(pathOf(id)).json();
  CHECK(old["archivedDate"] == "2026-01-02T03:04:05.000000Z");
  vault.clock().advance(kMinute);

  json change = {{"type", 1}, {"name", sealedText(7)}, {"login", {{"username", sealedText(8)}}}};
  const auto reply = alice.put(pathOf(id), change);
  CHECK(reply.status == 200);
  const auto item = reply.json();
  CHECK(alice.get(pathOf(id)).json() == item);
  CHECK(item["name"] == sealedText(7));
  CHECK(item["login"]["username"] == sealedText(8));
  CHECK(item["login"]["password"].is_null());
  CHECK(item["notes"].is_null());
  CHECK(item["key"].is_null());
  CHECK(item["folderId"].is_null());
  // Kept.
  CHECK(item["favorite"] == true);
  CHECK(item["reprompt"] == 1);
  CHECK(item["archivedDate"] == old["archivedDate"]);
  CHECK(item["creationDate"] == old["creationDate"]);
  CHECK(item["revisionDate"] == formatIsoDate(vault.clock().now()));

  change.update({{"favorite", false}, {"reprompt", 0}, {"archivedDate", nullptr}});
  const auto cleared = alice.post(pathOf(id), change).json();
  CHECK(cleared["favorite"] == false);
  CHECK(cleared["reprompt"] == 0);
  CHECK(cleared["archivedDate"].is_null());
  CHECK(cleared["revisionDate"] > item["revisionDate"]);  // Though the clock stood still.
}

TEST_CASE("a change made to an old copy is refused, with a second of tolerance") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto id = addItem(alice);
  const auto revision = vault.clock().now();
  const auto update = [&](const json& known) {
    return alice.put(pathOf(id), loginItem(1, {{"lastKnownRevisionDate", known}}));
  };
  CHECK(update(formatIsoDate(revision - kSecond - 1000)).status == 400);
  CHECK(update(formatIsoDate(revision - kSecond - 1000)).json()["message"] ==
        "The item cannot be saved because it is out of date. To edit this item, first sync your "
        "vault, or log out and back in.");
  CHECK(alice.get(pathOf(id)).json()["name"] == sealedText(0));
  CHECK(update(formatIsoDate(revision - kSecond)).status == 200);
  // A client ahead of the server, one without a date and one with a broken one are not old.
  CHECK(update(formatIsoDate(revision + kDay)).status == 200);
  CHECK(update(nullptr).status == 200);
  CHECK(update("not a date").status == 200);
}

TEST_CASE("folder and favourite are set without touching the item's revision") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto folder = addFolder(alice);
  const auto id = addItem(alice);
  const auto old = alice.get(pathOf(id)).json();
  vault.clock().advance(kMinute);
  const auto before = alice.revisionDate();
  const auto reply = alice.put(pathOf(id) + "/partial", {{"folderId", folder}, {"favorite", true}});
  CHECK(reply.status == 200);
  CHECK(reply.json()["folderId"] == folder);
  CHECK(reply.json()["favorite"] == true);
  CHECK(reply.json()["revisionDate"] == old["revisionDate"]);
  CHECK(alice.revisionDate() > before);
  CHECK(alice.get(pathOf(id)).json() == reply.json());
  const auto out = alice.post(pathOf(id) + "/partial", {{"folderId", ""}, {"favorite", false}});
  CHECK(out.json() == old);
  CHECK(alice.put(pathOf(id) + "/partial", {{"folderId", folder}}).status == 400);
  CHECK(alice.put(pathOf(id) + "/partial", {{"folderId", addFolder(mallory)}, {"favorite", true}})
            .json()["message"] == "Invalid folder.");
}

TEST_CASE("a stranger's item is the same 404 as one that never was, and stays as it is") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto id = addItem(alice);
  const auto before = alice.get(pathOf(id)).json();
  const auto revision = alice.revisionDate();
  for (const auto& target : {id, kUnusedId, std::string("nonsense")}) {
    CAPTURE(target);
    const auto path = pathOf(target);
    for (const auto& reply :
         {mallory.get(path), mallory.get(path + "/details"), mallory.get(path + "/full-details"),
          mallory.put(path, loginItem(9)), mallory.post(path, loginItem(9)),
          mallory.put(path + "/partial", {{"folderId", nullptr}, {"favorite", true}}),
          mallory.put(path + "/delete"), mallory.put(path + "/restore"),
          mallory.put(path + "/archive"), mallory.put(path + "/unarchive"), mallory.remove(path),
          mallory.post(path + "/delete")}) {
      CHECK(reply.status == 404);
      CHECK(reply.json()["message"] == "Resource not found.");
    }
  }
  const json ids = {{"ids", {id}}};
  CHECK(mallory.put("/api/ciphers/delete", ids).status == 200);
  CHECK(mallory.put("/api/ciphers/restore", ids).json()["data"].empty());
  CHECK(mallory.put("/api/ciphers/archive", ids).status == 400);
  CHECK(
      mallory.put("/api/ciphers/move", {{"ids", {id}}, {"folderId", addFolder(mallory)}}).status ==
      200);
  CHECK(mallory.remove("/api/ciphers", ids).status == 200);
  CHECK(mallory.post("/api/ciphers/delete", ids).status == 200);
  CHECK(mallory.get("/api/ciphers").json()["data"].empty());
  CHECK(alice.get(pathOf(id)).json() == before);
  CHECK(alice.revisionDate() == revision);
}

TEST_CASE("ids are matched whatever their case and answered in lower case") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto id = addItem(alice);
  std::string upper = id;
  for (auto& c : upper) c = static_cast<char>(std::toupper(c));
  CHECK(alice.get(pathOf(upper)).json()["id"] == id);
  CHECK(alice.put("/api/ciphers/delete", {{"ids", {upper}}}).status == 200);
  CHECK_FALSE(alice.get(pathOf(id)).json()["deletedDate"].is_null());
}

TEST_CASE("what is wrong with an item is said per field, and nothing is stored") {
  TestVault vault([](VaultOptions& options) { options.maxNoteLength = 20; });
  const auto alice = vault.signUp("alice@example.test");
  const auto reply = alice.post("/api/ciphers", loginItem(0, {{"notes", std::string(21, 'x')}}));
  CHECK(reply.status == 400);
  CHECK(reply.json()["object"] == "error");
  CHECK(reply.json()["message"] == "The model state is invalid.");
  CHECK(reply.json()["validationErrors"] ==
        json{{"Notes",
              {"The field Notes exceeds the maximum encrypted value length of 20 characters."}}});
  CHECK(alice.get("/api/ciphers").json()["data"].empty());
}

}  // namespace

TEST_CASE("a client from before passkeys cannot drop those of an item by saving it") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const json passkey{{"credentialId", sealedText()},
                     {"keyType", sealedText()},
                     {"keyAlgorithm", sealedText()},
                     {"keyCurve", sealedText()},
                     {"keyValue", sealedText()},
                     {"rpId", sealedText()},
                     {"counter", sealedText()},
                     {"discoverable", sealedText()},
                     {"creationDate", "2026-01-01T00:00:00.000000Z"}};
  auto item = loginItem();
  item["login"]["fido2Credentials"] = json::array({passkey});
  const auto withPasskey = addItem(alice, item);
  const auto without = addItem(alice);
  const auto save = [&](const std::string& id, const std::string& version) {
    Headers headers{{"Authorization", "Bearer " + alice.accessToken},
                    {"Content-Type", "application/json"}};
    if (!version.empty()) headers.emplace_back("Bitwarden-Client-Version", version);
    return vault.call(http::Method::Put, "/api/ciphers/" + id, loginItem(5).dump(), headers);
  };
  for (const char* old : {"2023.9.4", "2022.12.0", "1.15.0"}) {
    CAPTURE(old);
    const auto refused = save(withPasskey, old);
    CHECK(refused.status == 400);
    CHECK(refused.json()["message"] ==
          "Cannot edit item. Update to the latest version of Bitwarden and try again.");
    CHECK(alice.get("/api/ciphers/" + withPasskey).json()["login"]["fido2Credentials"].size() == 1);
    CHECK(save(without, old).status == 200);
  }
  CHECK(save(withPasskey, "2023.10.0").status == 200);
  CHECK(save(withPasskey, "").status == 200);
}

}  // namespace coffer::vault::testing
