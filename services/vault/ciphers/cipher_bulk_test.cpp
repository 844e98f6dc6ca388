// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/testing/test_items.h"
#include "storage/stores/cipher_store.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

std::string pathOf(const std::string& id) { return "/api/ciphers/" + id; }

json idsOf(const json& list) {
  json ids = json::array();
  for (const auto& item : list.at("data")) ids.push_back(item.at("id"));
  return ids;
}

TEST_CASE("one item goes to the trash, comes back, and goes for good") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto id = addItem(alice);
  auto before = alice.revisionDate();
  vault.clock().advance(kMinute);

  CHECK(alice.put(pathOf(id) + "/delete").body.empty());
  const auto trashed = alice.get(pathOf(id)).json();
  CHECK(trashed["deletedDate"] == formatIsoDate(vault.clock().now()));
  CHECK(trashed["revisionDate"] == trashed["deletedDate"]);
  CHECK(alice.revisionDate() > before);
  before = alice.revisionDate();
  vault.clock().advance(kMinute);
  CHECK(alice.put(pathOf(id) + "/delete").status == 200);  // Once more: nothing happens.
  CHECK(alice.get(pathOf(id)).json() == trashed);
  CHECK(alice.revisionDate() == before);

  const auto restored = alice.put(pathOf(id) + "/restore");
  CHECK(restored.status == 200);
  CHECK(restored.json()["deletedDate"].is_null());
  CHECK(restored.json()["revisionDate"] == formatIsoDate(vault.clock().now()));
  CHECK(alice.put(pathOf(id) + "/restore").json() == restored.json());

  const auto gone = alice.remove(pathOf(id));
  CHECK(gone.status == 200);
  CHECK(gone.body.empty());
  CHECK(alice.get(pathOf(id)).status == 404);
  CHECK(alice.remove(pathOf(id)).status == 404);
  const auto other = addItem(alice);
  CHECK(alice.post(pathOf(other) + "/delete").status == 200);
  CHECK(alice.get("/api/ciphers").json()["data"].empty());
}

TEST_CASE("many items go to the trash, come back, and go for good; unknown ids are ignored") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto a = addItem(alice, loginItem(1));
  const auto b = addItem(alice, loginItem(2));
  const auto c = addItem(alice, loginItem(3));
  const json some = {{"ids", {a, kUnusedId, b, a}}};

  CHECK(alice.put("/api/ciphers/delete", some).status == 200);
  CHECK_FALSE(alice.get(pathOf(a)).json()["deletedDate"].is_null());
  CHECK_FALSE(alice.get(pathOf(b)).json()["deletedDate"].is_null());
  CHECK(alice.get(pathOf(c)).json()["deletedDate"].is_null());

  const auto restored = alice.put("/api/ciphers/restore", {{"ids", {b, kUnusedId, c, b}}});
  CHECK(restored.status == 200);
  CHECK(restored.json()["object"] == "list");
  CHECK(idsOf(restored.json()) == json{b, c});
  CHECK(restored.json()["data"][0]["deletedDate"].is_null());

  CHECK(alice.remove("/api/ciphers", {{"ids", {a, kUnusedId}}}).status == 200);
  CHECK(alice.get(pathOf(a)).status == 404);
  CHECK(alice.post("/api/ciphers/delete", {{"ids", {b}}}).status == 200);
  CHECK(idsOf(alice.get("/api/ciphers").json()) == json{c});

  for (const json& body : {json::object(), json{{"ids", nullptr}}, json{{"ids", {"x"}}},
                           json{{"ids", c}}, json{{"ids", {c, 5}}}}) {
    CAPTURE(body.dump());
    CHECK(alice.put("/api/ciphers/delete", body).status == 400);
    CHECK(alice.remove("/api/ciphers", body).status == 400);
  }
  CHECK(alice.put("/api/ciphers/delete", {{"ids", json::array()}}).status == 200);
  CHECK(alice.get(pathOf(c)).json()["deletedDate"].is_null());
}

TEST_CASE("items move between folders, and out of them, without a new revision") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto folder = addFolder(alice);
  const auto a = addItem(alice, loginItem(0, {{"favorite", true}}));
  const auto b = addItem(alice);
  const auto old = alice.get(pathOf(a)).json();
  const auto before = alice.revisionDate();

  CHECK(alice.put("/api/ciphers/move", {{"ids", {a, b, kUnusedId}}, {"folderId", folder}}).status ==
        200);
  const auto moved = alice.get(pathOf(a)).json();
  CHECK(moved["folderId"] == folder);
  CHECK(moved["favorite"] == true);
  CHECK(moved["revisionDate"] == old["revisionDate"]);
  CHECK(alice.get(pathOf(b)).json()["folderId"] == folder);
  CHECK(alice.revisionDate() > before);

  const auto theirs =
      alice.put("/api/ciphers/move", {{"ids", {a}}, {"folderId", addFolder(mallory)}});
  CHECK(theirs.status == 400);
  CHECK(theirs.json()["message"] == "Invalid folder.");
  CHECK(alice.get(pathOf(a)).json()["folderId"] == folder);
  CHECK(alice.post("/api/ciphers/move", {{"ids", {a}}, {"folderId", nullptr}}).status == 200);
  CHECK(alice.get(pathOf(a)).json() == old);
}

TEST_CASE("items are put into the archive and taken out, one or many") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto a = addItem(alice);
  const auto b = addItem(alice);
  const auto before = alice.revisionDate();
  const auto archived = alice.put(pathOf(a) + "/archive");
  CHECK(archived.status == 200);
  CHECK(archived.json()["archivedDate"] == formatIsoDate(vault.clock().now()));
  CHECK(alice.revisionDate() > before);
  CHECK(archived.json()["revisionDate"] > archived.json()["creationDate"]);
  CHECK(alice.put(pathOf(a) + "/archive").json() == archived.json());

  const auto both = alice.put("/api/ciphers/archive", {{"ids", {a, b, kUnusedId}}});
  CHECK(both.status == 200);
  CHECK(idsOf(both.json()) == json{b});  // The other one was there already.
  const auto none = alice.put("/api/ciphers/archive", {{"ids", {a, b}}});
  CHECK(none.status == 400);
  CHECK(none.json()["message"] ==
        "No ciphers were archived. Ensure the provided IDs are correct and you have permission to "
        "archive them.");

  // The trash and the archive know nothing of each other.
  CHECK(alice.put(pathOf(a) + "/delete").status == 200);
  CHECK_FALSE(alice.put(pathOf(a) + "/restore").json()["archivedDate"].is_null());

  CHECK(alice.put(pathOf(a) + "/unarchive").json()["archivedDate"].is_null());
  const auto out = alice.put("/api/ciphers/unarchive", {{"ids", {a, b}}});
  CHECK(idsOf(out.json()) == json{b});
  CHECK(out.json()["data"][0]["archivedDate"].is_null());
  CHECK(
      alice.put("/api/ciphers/unarchive", {{"ids", {a}}}).json()["message"] ==
      "No ciphers were unarchived. Ensure the provided IDs are correct and you have permission to "
      "unarchive them.");
}

TEST_CASE("a change of many items is one commit, however many they are") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto commits = [&](const std::function<Reply()>& change) {
    const auto before = vault.database().counters().commits;
    CHECK(change().status == 200);
    return vault.database().counters().commits - before;
  };
  const auto import = [&](int count) {
    std::string items;
    for (int i = 0; i < count; ++i)
      items += (i == 0 ? "" : ",") + json{{"type", 2}, {"name", sealedText(i)}}.dump();
    return alice.call(http::Method::Post, "/api/ciphers/import", R"({"ciphers":[)" + items + "]}");
  };
  const auto count = [&] {
    return vault.database().read(
        [&](storage::Transaction& tx) { return storage::CipherStore(tx).count(alice.userId); });
  };

  CHECK(commits([&] { return import(500); }) == 1);
  const json all = {{"ids", idsOf(alice.get("/api/ciphers").json())}, {"folderId", nullptr}};
  CHECK(all["ids"].size() == 500);
  for (const std::string what : {"move", "archive", "unarchive", "delete", "restore"}) {
    CAPTURE(what);
    CHECK(commits([&] { return alice.put("/api/ciphers/" + what, all); }) == 1);
  }
  CHECK(commits([&] { return alice.remove("/api/ciphers", all); }) == 1);
  CHECK(count() == 0);

  CHECK(commits([&] { return import(10'000); }) == 1);
  CHECK(count() == 10'000);
  const json secret = {{"masterPasswordHash", alice.passwordHash}};
  CHECK(commits([&] { return alice.post("/api/ciphers/purge", secret); }) == 1);
  CHECK(count() == 0);
}

TEST_CASE("a copy from before an item left the archive does not put it back") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto id = addItem(alice);
  vault.clock().advance(kMinute);
  const auto archived = alice.put(pathOf(id) + "/archive").json();
  vault.clock().advance(kMinute);
  CHECK(alice.put(pathOf(id) + "/unarchive").json()["revisionDate"] > archived["revisionDate"]);
  const auto late =
      alice.put(pathOf(id), loginItem(0, {{"archivedDate", archived["archivedDate"]},
                                          {"lastKnownRevisionDate", archived["revisionDate"]}}));
  CHECK(late.status == 400);
  CHECK(alice.get(pathOf(id)).json()["archivedDate"].is_null());
}

TEST_CASE("a vault is emptied only for who knows the password") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  addItem(alice, loginItem(0, {{"folderId", addFolder(alice)}}));
  addItem(alice);
  const auto theirs = addItem(bob);
  const auto before = alice.revisionDate();
  for (const json& body : {json::object(), json{{"masterPasswordHash", bob.passwordHash}},
                           json{{"masterPasswordHash", ""}}, json{{"otp", "123456"}}})
    CHECK(alice.post("/api/ciphers/purge", body).status == 400);
  const json right = {{"masterPasswordHash", alice.passwordHash}};
  CHECK(alice.post("/api/ciphers/purge?organizationId=" + kUnusedId, right).status == 404);
  CHECK(alice.get("/api/ciphers").json()["data"].size() == 2);
  CHECK(alice.revisionDate() == before);

  CHECK(alice.post("/api/ciphers/purge", right).status == 200);
  CHECK(alice.get("/api/ciphers").json()["data"].empty());
  CHECK(alice.get("/api/folders").json()["data"].empty());
  CHECK(alice.revisionDate() > before);
  CHECK(bob.get(pathOf(theirs)).status == 200);
}

}  // namespace
}  // namespace coffer::vault::testing
