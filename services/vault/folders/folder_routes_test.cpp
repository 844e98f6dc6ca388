// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/testing/test_items.h"

#include <doctest/doctest.h>

namespace coffer::vault::testing {
namespace {

TEST_CASE("a folder is made, read, listed and renamed by its owner") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto made = alice.post("/api/folders", {{"Name", sealedText(1)}, {"id", kUnusedId}});
  CHECK(made.status == 200);
  const auto folder = made.json();
  CHECK(folder["name"] == sealedText(1));
  CHECK(folder["object"] == "folder");
  CHECK(folder["id"] != kUnusedId);
  CHECK(folder["revisionDate"] == formatIsoDate(vault.clock().now()));
  CHECK(folder.size() == 4);

  const auto path = "/api/folders/" + folder["id"].get<std::string>();
  CHECK(alice.get(path).json() == folder);
  CHECK(alice.get("/api/folders").json() ==
        nlohmann::json{{"object", "list"}, {"continuationToken", nullptr}, {"data", {folder}}});

  const auto before = alice.revisionDate();
  for (const auto method : {http::Method::Put, http::Method::Post}) {
    const auto renamed = alice.call(method, path, R"({"name":")" + sealedText(2) + "\"}");
    CHECK(renamed.status == 200);
    CHECK(renamed.json()["name"] == sealedText(2));
  }
  CHECK(alice.get(path).json()["revisionDate"] > folder["revisionDate"]);
  CHECK(alice.revisionDate() >= before + 2);
}

TEST_CASE("a folder's name is ciphertext of at most 1000 characters") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::string longest = "7." + std::string(998, 'A');
  CHECK(alice.post("/api/folders", {{"name", longest}}).status == 200);
  for (const nlohmann::json& name :
       {nlohmann::json(longest + "A"), nlohmann::json("clear"), nlohmann::json(""),
        nlohmann::json(nullptr), nlohmann::json(5)}) {
    const auto reply = alice.post("/api/folders", {{"name", name}});
    CHECK(reply.status == 400);
    CHECK(reply.json()["message"] == "The model state is invalid.");
    CHECK(reply.json()["validationErrors"].contains("Name"));
  }
  CHECK(alice.get("/api/folders").json()["data"].size() == 1);
}

TEST_CASE("a stranger's folder is the same 404 as one that never was") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto id = addFolder(alice);
  const auto before = alice.revisionDate();
  const nlohmann::json name = {{"name", sealedText(9)}};
  for (const auto& target : {id, kUnusedId, std::string("nonsense")}) {
    CAPTURE(target);
    const auto path = "/api/folders/" + target;
    for (const auto& reply : {mallory.get(path), mallory.put(path, name), mallory.post(path, name),
                              mallory.remove(path), mallory.post(path + "/delete")}) {
      CHECK(reply.status == 404);
      CHECK(reply.json()["message"] == "Resource not found.");
    }
  }
  CHECK(mallory.remove("/api/folders", {{"ids", {id}}}).status == 200);
  CHECK(mallory.remove("/api/folders/all").status == 200);
  CHECK(alice.get("/api/folders/" + id).status == 200);
  CHECK(alice.revisionDate() == before);
}

TEST_CASE("items stay when their folder goes") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto one = addFolder(alice, 1);
  const auto two = addFolder(alice, 2);
  const auto three = addFolder(alice, 3);
  const auto four = addFolder(alice, 4);
  const auto item = addItem(alice, loginItem(0, {{"folderId", one}}));
  const auto before = alice.revisionDate();

  const auto gone = alice.remove("/api/folders/" + one);
  CHECK(gone.status == 200);
  CHECK(gone.body.empty());
  CHECK(alice.get("/api/ciphers/" + item).json()["folderId"].is_null());
  CHECK(alice.post("/api/folders/" + two + "/delete").status == 200);
  CHECK(alice.remove("/api/folders", {{"ids", {three, kUnusedId}}}).status == 200);
  CHECK(alice.get("/api/folders").json()["data"].size() == 1);
  CHECK(alice.get("/api/folders/" + four).status == 200);
  CHECK(alice.remove("/api/folders/all").status == 200);
  CHECK(alice.get("/api/folders").json()["data"].empty());
  CHECK(alice.revisionDate() >= before + 4);
  CHECK(alice.remove("/api/folders", {{"ids", "all"}}).status == 400);
  CHECK(alice.remove("/api/folders", nlohmann::json::object()).status == 400);
}

}  // namespace
}  // namespace coffer::vault::testing
