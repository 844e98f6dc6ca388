// SPDX-License-Identifier: BSD-2-Clause
//
// The requests on record for the PascalCase servers of 2019, on a mount that answers as they did
// (vault-core 10.3): prelogin, token, profile, sync, items and folders below /bitwarden.
#include "services/vault/testing/test_items.h"

#include <doctest/doctest.h>

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

const char* const kUri =
    "2.T57BwAuV8ubIn/sZPbQC+A==|EhUSSpJWSzSYOdJ/AQzfXuUXxwzcs/6C4tOXqhWAqcM=|"
    "OWV2VIqLfoWPs9DiouXGUOtTEkVeklbtJQHkQFIXkC8=";
const char* const kName =
    "2.d7MttWzJTSSKx1qXjHUxlQ==|01Ath5UqFZHk7csk5DVtkQ==|"
    "EMLoLREgCUP5Cu4HqIhcLqhiZHn+NsUDp8dAg1Xu0Io=";

struct Bitwarden {
  Bitwarden() { vault.useMount({.prefix = "/bitwarden", .options = {{"casing", "pascal"}}}); }
  TestVault vault;
  TestClient me = vault.signUp("me@alice.example.test");
};

// Whether `answer` has every member of `documented` with the same value.
bool holds(const json& answer, const json& documented) {
  for (const auto& [name, value] : documented.items()) {
    if (!answer.contains(name)) return false;
    if (value.is_object() ? !holds(answer[name], value) : answer[name] != value) return false;
  }
  return true;
}

json documentedLogin() {
  return {{"type", 1},
          {"favorite", false},
          {"name", kName},
          {"folderId", nullptr},
          {"organizationId", nullptr},
          {"notes", nullptr},
          {"login",
           {{"uri", kUri},
            {"username", sealedText(1)},
            {"password", sealedText(2)},
            {"totp", nullptr}}}};
}

TEST_CASE("documented: items below /bitwarden are answered in PascalCase") {
  Bitwarden server;
  const auto& me = server.me;
  const auto made = me.post("/api/ciphers", documentedLogin());
  CHECK(made.status == 200);
  const auto item = made.json();
  CHECK(holds(item, {{"Object", "cipher"},
                     {"Type", 1},
                     {"Favorite", false},
                     {"Name", kName},
                     {"FolderId", nullptr},
                     {"OrganizationId", nullptr},
                     {"Notes", nullptr},
                     {"Attachments", nullptr},
                     {"Edit", true},
                     {"OrganizationUseTotp", false}}));
  CHECK(item["Login"]["Uris"] ==
        json{{{"Uri", kUri}, {"UriChecksum", nullptr}, {"Match", nullptr}}});
  CHECK(item["Login"]["Username"] == sealedText(1));
  CHECK(item["Username"] == sealedText(1));
  CHECK(item["Password"] == sealedText(2));
  CHECK(item["Totp"] == nullptr);
  CHECK(item.contains("RevisionDate"));

  const auto path = "/api/ciphers/" + item["Id"].get<std::string>();
  CHECK(me.get(path).json() == item);
  CHECK(me.get("/api/ciphers").json() ==
        json{{"Object", "list"}, {"Data", {item}}, {"ContinuationToken", nullptr}});
}

TEST_CASE("documented: an item is changed into a note in a folder, and removed") {
  Bitwarden server;
  const auto& me = server.me;
  const auto folder = me.post("/api/folders", {{"name", kName}}).json()["Id"];
  const auto id = me.post("/api/ciphers", documentedLogin()).json()["Id"].get<std::string>();
  const json note = {{"type", 2},
                     {"favorite", true},
                     {"name", kName},
                     {"folderId", folder},
                     {"organizationId", nullptr},
                     {"notes", sealedText(3)},
                     {"secureNote", {{"type", 0}}}};
  for (const auto method : {http::Method::Put, http::Method::Post}) {
    const auto reply = me.call(method, "/api/ciphers/" + id, note.dump());
    CHECK(reply.status == 200);
    CHECK(holds(reply.json(), {{"Object", "cipher"},
                               {"Id", id},
                               {"Type", 2},
                               {"Favorite", true},
                               {"FolderId", folder},
                               {"Notes", sealedText(3)},
                               {"SecureNote", {{"Type", 0}}},
                               {"Edit", true}}));
    CHECK_FALSE(reply.json().contains("Username"));
  }
  const auto gone = me.remove("/api/ciphers/" + id);
  CHECK(gone.status == 204);
  CHECK(gone.body.empty());
  const auto other = me.post("/api/ciphers", documentedLogin()).json()["Id"].get<std::string>();
  CHECK(me.post("/api/ciphers/" + other + "/delete").status == 204);
  CHECK(me.get("/api/ciphers").json()["Data"].empty());
}

TEST_CASE("documented: folders below /bitwarden") {
  Bitwarden server;
  const auto& me = server.me;
  const auto made = me.post("/api/folders", {{"name", kName}});
  CHECK(made.status == 200);
  const auto folder = made.json();
  CHECK(holds(folder, {{"Name", kName}, {"Object", "folder"}}));
  CHECK(folder.size() == 4);
  const auto path = "/api/folders/" + folder["Id"].get<std::string>();
  CHECK(me.get(path).json() == folder);
  CHECK(me.get("/api/folders").json()["Data"] == json{folder});
  CHECK(me.put(path, {{"name", sealedText(4)}}).json()["Name"] == sealedText(4));
  CHECK(me.post(path, {{"name", sealedText(5)}}).json()["Name"] == sealedText(5));
  CHECK(me.remove(path).status == 204);
  CHECK(me.get(path).status == 404);
  const auto other = me.post("/api/folders", {{"name", kName}}).json()["Id"].get<std::string>();
  CHECK(me.post("/api/folders/" + other + "/delete").status == 204);
}

TEST_CASE("documented: the sync below /bitwarden, small and in many pieces") {
  Bitwarden server;
  const auto& me = server.me;
  me.post("/api/folders", {{"name", kName}});
  const auto check = [&](std::size_t items) {
    const auto sync = me.get("/api/sync").json();
    CHECK(holds(sync, {{"Object", "sync"},
                       {"Profile", {{"Object", "profile"}, {"Email", "me@alice.example.test"}}},
                       {"Domains", {{"Object", "domains"}}}}));
    CHECK(sync["Profile"]["Organizations"] == json::array());
    CHECK(sync["Profile"].contains("SecurityStamp"));
    // Read by its exact name by every client that reads it at all.
    CHECK(sync["Profile"]["AccountKeys"]["publicKeyEncryptionKeyPair"].contains("publicKey"));
    CHECK(sync["Folders"] == me.get("/api/folders").json()["Data"]);
    CHECK(sync["Ciphers"] == me.get("/api/ciphers").json()["Data"]);
    CHECK(sync["Ciphers"].size() == items);
  };
  me.post("/api/ciphers", documentedLogin());
  check(1);
  json many = json::array();
  for (int i = 0; i < 300; ++i) many.push_back(documentedLogin());
  CHECK(me.post("/api/ciphers/import", {{"ciphers", many}}).status == 200);
  check(301);
}

TEST_CASE("documented: refusals below /bitwarden are in PascalCase too") {
  Bitwarden server;
  const auto reply = server.me.post("/api/folders", {{"name", "clear"}});
  CHECK(reply.status == 400);
  CHECK(reply.json()["Message"] == "The model state is invalid.");
  CHECK(reply.json()["ValidationErrors"].contains("Name"));
}

}  // namespace
}  // namespace coffer::vault::testing
