// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/request_builder.h"
#include "services/vault/ciphers/cipher_pages.h"
#include "services/vault/testing/test_items.h"

#include <doctest/doctest.h>

#include <set>

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

std::set<std::string> namesOf(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

json manyItems(int count, std::size_t noteLength) {
  json items = json::array();
  for (int i = 0; i < count; ++i)
    items.push_back(loginItem(i, {{"notes", std::string(noteLength, 'n')}}));
  return {{"ciphers", items}, {"folders", json::array()}, {"folderRelationships", json::array()}};
}

TEST_CASE("a sync of an empty account has every member") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto reply = alice.get("/api/sync?excludeDomains=true");
  CHECK(reply.status == 200);
  CHECK(reply.header("Content-Type").starts_with("application/json"));
  const auto sync = reply.json();
  CHECK(namesOf(sync) == std::set<std::string>{"object", "profile", "folders", "collections",
                                               "ciphers", "domains", "policies", "sends",
                                               "userDecryption"});
  CHECK(sync["object"] == "sync");
  CHECK(sync["profile"]["object"] == "profile");
  CHECK(sync["profile"]["email"] == "alice@example.test");
  CHECK(sync["profile"]["organizations"] == json::array());
  for (const char* list : {"folders", "collections", "ciphers", "policies", "sends"})
    CHECK(sync[list] == json::array());
  CHECK(sync["domains"].is_null());
  CHECK(sync["userDecryption"]["masterPasswordUnlock"]["salt"] == "alice@example.test");
  CHECK(sync["userDecryption"].contains("userKeyId"));
}

TEST_CASE("domains come unless they are excluded") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const char* query : {"", "?excludeDomains=false", "?excludeDomains="})
    CHECK(alice.get(std::string("/api/sync") + query).json()["domains"]["object"] == "domains");
  for (const char* query : {"?excludeDomains=true", "?excludeDomains=True"})
    CHECK(alice.get(std::string("/api/sync") + query).json()["domains"].is_null());
}

TEST_CASE("a sync holds what the account sees, trash and archive included, and nothing else") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  addItem(mallory);
  addFolder(mallory);
  const auto folder = addFolder(alice, 1);
  const auto a = addItem(alice, loginItem(1, {{"folderId", folder}}));
  const auto b = addItem(alice, loginItem(2));
  const auto c = addItem(alice, loginItem(3));
  alice.put("/api/ciphers/" + b + "/delete");
  alice.put("/api/ciphers/" + c + "/archive");

  const auto sync = alice.get("/api/sync").json();
  CHECK(sync["folders"] == alice.get("/api/folders").json()["data"]);
  REQUIRE(sync["ciphers"].size() == 3);
  CHECK(sync["ciphers"][0] == alice.get("/api/ciphers/" + a).json());
  CHECK(sync["ciphers"][1] == alice.get("/api/ciphers/" + b).json());
  CHECK(sync["ciphers"][2] == alice.get("/api/ciphers/" + c).json());
}

TEST_CASE("a large vault comes in pieces that make one document") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const auto& [count, noteLength] :
       {std::pair{1, 10'000}, {60, 800}, {500, 100}, {90, 9'999}}) {
    CHECK(alice.post("/api/ciphers/import", manyItems(count, static_cast<std::size_t>(noteLength)))
              .status == 200);
    const auto items = alice.get("/api/sync").json()["ciphers"];
    CHECK(items == alice.get("/api/ciphers").json()["data"]);
  }
  const auto items = alice.get("/api/sync").json()["ciphers"];
  REQUIRE(items.size() == 651);
  std::set<std::string> ids;
  for (const auto& item : items) ids.insert(item["id"]);
  CHECK(ids.size() == items.size());
}

TEST_CASE("writes between two pieces do not break the document or repeat an item") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  alice.post("/api/ciphers/import", manyItems(300, 500));
  const auto before = alice.get("/api/ciphers").json()["data"];

  auto request =
      http::RequestBuilder().target("/api/ciphers", std::make_shared<http::MountPoint>()).build();
  CipherPages pages(vault.service().context(), alice.userId, request);
  std::string text = "[";
  const auto page = [&] {
    return vault.database().read(
        [&](storage::Transaction& tx) { return pages.appendPage(tx, text); });
  };
  REQUIRE(page());
  alice.remove("/api/ciphers/" + before[0]["id"].get<std::string>());
  alice.remove("/api/ciphers/" + before[299]["id"].get<std::string>());
  alice.put("/api/ciphers/" + before[1]["id"].get<std::string>(), loginItem(7));
  const auto added = addItem(alice);
  while (page()) {
  }
  const auto items = json::parse(text + "]");
  std::set<std::string> ids;
  for (const auto& item : items) ids.insert(item["id"]);
  CHECK(ids.size() == items.size());
  CHECK(items.size() == 300);
  CHECK(ids.contains(added));
  CHECK_FALSE(ids.contains(before[299]["id"].get<std::string>()));
}

TEST_CASE("types a client is too old for are left out of its lists") {
  struct Case {
    const char* version;
    bool sshKeys;
    bool newTypes;
  };
  const Case cases[] = {
      {"", true, true},           {"2026.9.0", true, true},   {"2026.2.0", true, true},
      {"2026.1.9", true, false},  {"2024.12.0", true, false}, {"2024.11.9", false, false},
      {"2022.1.1", false, false}, {"1.15.0", false, false},   {"v2024", true, true},
      {"2024", true, true},       {"-1.2.3", true, true},     {"2024.6.0-beta", false, false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.version);
    for (int type = 1; type <= 4; ++type) CHECK(clientKnowsType(c.version, type));
    CHECK(clientKnowsType(c.version, 5) == c.sshKeys);
    for (int type = 6; type <= 8; ++type) CHECK(clientKnowsType(c.version, type) == c.newTypes);
  }

  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const json key = {{"privateKey", "p"}, {"publicKey", "q"}, {"keyFingerprint", "f"}};
  addItem(alice, {{"type", 5}, {"name", sealedText(1)}, {"sshKey", key}});
  const auto login = addItem(alice);
  addItem(alice, {{"type", 5}, {"name", sealedText(2)}, {"sshKey", key}});
  const Headers old = {{"Authorization", "Bearer " + alice.accessToken},
                       {"Bitwarden-Client-Version", "2024.6.0"}};
  const auto items = vault.call(http::Method::Get, "/api/sync", "", old).json()["ciphers"];
  REQUIRE(items.size() == 1);
  CHECK(items[0]["id"] == login);
  CHECK(alice.get("/api/sync").json()["ciphers"].size() == 3);
}

TEST_CASE("pages of hidden items only do not end the document") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  json items = manyItems(1, 10);
  const json key = {
      {"privateKey", std::string(9000, 'p')}, {"publicKey", "q"}, {"keyFingerprint", "f"}};
  for (int i = 0; i < 30; ++i)
    items["ciphers"].push_back({{"type", 5}, {"name", sealedText(i)}, {"sshKey", key}});
  items["ciphers"].push_back(loginItem(5));
  REQUIRE(alice.post("/api/ciphers/import", items).status == 200);
  const Headers old = {{"Authorization", "Bearer " + alice.accessToken},
                       {"Bitwarden-Client-Version", "2024.6.0"}};
  CHECK(vault.call(http::Method::Get, "/api/sync", "", old).json()["ciphers"].size() == 2);
  CHECK(vault.call(http::Method::Get, "/api/ciphers", "", old).json()["data"].size() == 2);
}

}  // namespace
}  // namespace coffer::vault::testing
