// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "services/vault/testing/test_files.h"

#include <doctest/doctest.h>

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

struct Scene {
  explicit Scene(const std::function<void(VaultOptions&)>& change = {}) : vault(change) {}

  nlohmann::json itemNow() { return alice.get("/api/ciphers/" + item).json(); }
  nlohmann::json listed() { return itemNow()["attachments"]; }

  TestVault vault;
  TestClient alice = vault.signUp("alice@example.test");
  std::string item = addItem(alice);
  std::string route = attachmentsOf(item);
};

}  // namespace

TEST_CASE("a file is announced, uploaded, seen by every reader of the item and downloaded") {
  Scene scene;
  auto& alice = scene.alice;
  const auto before = scene.itemNow();
  CHECK(before["attachments"].is_null());
  scene.vault.clock().advance(kMinute);
  scene.vault.takeUpdates();

  const std::string content(300'000, 'x');
  auto form = announcement(content.size());
  form["fileSize"] = std::to_string(content.size());
  form["lastKnownRevisionDate"] = before["revisionDate"];
  const auto announced = alice.post(scene.route + "/v2", form);
  REQUIRE(announced.status == 200);
  const auto target = announced.json();
  const std::string id = target["attachmentId"];
  CHECK(target["object"] == "attachment-fileUpload");
  CHECK(target["fileUploadType"] == 0);
  CHECK(target["url"] == "/ciphers/" + scene.item + "/attachment/" + id);
  CHECK(target["cipherMiniResponse"].is_null());
  CHECK(target["cipherResponse"]["id"] == scene.item);
  CHECK(target["cipherResponse"]["attachments"][0]["id"] == id);
  CHECK(target["cipherResponse"]["revisionDate"] > before["revisionDate"]);

  // Until it is there nobody else hears of it.
  CHECK(scene.listed().is_null());
  CHECK(alice.get(scene.route + "/" + id).status == 404);
  CHECK(alice.get(scene.route + "/" + id + "/renew").json()["url"] == target["url"]);
  CHECK(scene.vault.takeUpdates().empty());
  const auto revision = alice.revisionDate();

  const auto uploaded =
      alice.upload(scene.route + "/" + id, {{"key", "ignored"}, {"data", content, "a/b \xff\x01"}});
  CHECK(uploaded.status == 200);
  CHECK(uploaded.body.empty());
  CHECK(alice.revisionDate() > revision);
  const auto updates = scene.vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::CipherUpdate);
  CHECK(updates[0].id == scene.item);
  // The client that uploads keeps the revision it was given.
  CHECK(scene.itemNow()["revisionDate"] == target["cipherResponse"]["revisionDate"]);
  CHECK(formatIsoDate(updates[0].date) > scene.itemNow()["revisionDate"].get<std::string>());

  for (const auto& seen :
       {scene.listed(), alice.get("/api/sync").json()["ciphers"][0]["attachments"],
        alice.get("/api/ciphers").json()["data"][0]["attachments"]}) {
    REQUIRE(seen.size() == 1);
    CHECK(seen[0]["id"] == id);
    CHECK(seen[0]["object"] == "attachment");
    CHECK(seen[0]["fileName"] == form["fileName"]);
    CHECK(seen[0]["key"] == form["key"]);
    CHECK(seen[0]["size"] == "300000");
    CHECK(seen[0]["sizeName"] == "292.96 KB");
    const auto download = scene.vault.call(http::Method::Get, targetOf(seen[0]["url"]));
    CHECK(download.status == 200);
    CHECK(download.body == content);
    CHECK(download.header("Content-Type") == "application/octet-stream");
    CHECK(download.header("Cache-Control") == "private, no-store");
  }
  CHECK(alice.get(scene.route + "/" + id).json()["id"] == id);
  CHECK(alice.get(scene.route + "/" + id + "/renew").status == 404);
  CHECK(filesOf(scene.vault) == std::vector{"attachments/" + scene.item + "/" + id});
}

TEST_CASE("a file is taken once") {
  Scene scene;
  const auto id = attach(scene.alice, scene.item, "first");
  const auto again = scene.alice.upload(scene.route + "/" + id, {{"data", "other", "f"}});
  CHECK(again.status == 400);
  CHECK(scene.vault.call(http::Method::Get, targetOf(scene.listed()[0]["url"])).body == "first");
}

TEST_CASE("a size other than the announced one is stored within a mebibyte, and refused beyond") {
  Scene scene;
  const auto near = announce(scene.alice, scene.item, 1'000'000);
  CHECK(scene.alice.upload(scene.route + "/" + near, {{"data", "tiny", "f"}}).status == 200);
  CHECK(scene.listed()[0]["size"] == "4");

  const auto far = announce(scene.alice, scene.item, 2 * MiB);
  const auto reply = scene.alice.upload(scene.route + "/" + far, {{"data", "tiny", "f"}});
  CHECK(reply.status == 400);
  // The announcement is forgotten: it would hold its place in the quota.
  CHECK(scene.alice.get(scene.route + "/" + far + "/renew").status == 404);

  const auto small = announce(scene.alice, scene.item, 10);
  const std::string large(MiB + 11, 'x');
  CHECK(scene.alice.upload(scene.route + "/" + small, {{"data", large, "f"}}).status == 400);
  CHECK(scene.alice.upload(scene.route + "/" + small, {{"data", "", "f"}}).status == 400);
  CHECK(scene.listed().size() == 1);
  CHECK(filesOf(scene.vault).size() == 1);
}

TEST_CASE("uploads that are no form with one file leave nothing") {
  Scene scene;
  const auto id = announce(scene.alice, scene.item, 4);
  const auto target = scene.route + "/" + id;
  const Headers bearer{{"Authorization", "Bearer " + scene.alice.accessToken}};
  CHECK(scene.vault.call(http::Method::Post, target, "data", bearer).status == 400);
  CHECK(scene.alice.upload(target, {}).status == 400);
  CHECK(scene.alice.upload(target, {{"file", "data", "f"}}).status == 400);
  CHECK(scene.alice.upload(target, {{"data", "data", "f"}, {"data", "data", "f"}}).status == 400);
  CHECK(scene.alice.upload(target, {{"key", std::string(200'000, 'k')}, {"data", "data"}}).status ==
        400);
  auto cut = bearer;
  cut.emplace_back("Content-Type", "multipart/form-data; boundary=b");
  CHECK(scene.vault
            .call(http::Method::Post, target,
                  "--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\ndata", cut)
            .status == 400);
  CHECK(filesOf(scene.vault).empty());
  CHECK(scene.listed().is_null());
  CHECK(scene.alice.upload(target, {{"data", "data", "f"}}).status == 200);
}

TEST_CASE("clients of long ago upload in one step, the part's file name being the sealed name") {
  Scene scene;
  const std::string name = "2.a/b==|c%22/d=|e";
  const auto reply =
      scene.alice.upload(scene.route, {{"key", sealedText(5)}, {"data", "content", name}});
  REQUIRE(reply.status == 200);
  CHECK(reply.json()["id"] == scene.item);
  const auto attachment = reply.json()["attachments"][0];
  CHECK(attachment["fileName"] == name);
  CHECK(attachment["key"] == sealedText(5));
  CHECK(attachment["size"] == "7");
  CHECK(scene.listed()[0]["id"] == attachment["id"]);
  CHECK(scene.vault.call(http::Method::Get, targetOf(attachment["url"])).body == "content");

  SUBCASE("the oldest send no key") {
    const auto keyless = scene.alice.upload(scene.route, {{"data", "content", name}});
    CHECK(keyless.json()["attachments"][1]["key"].is_null());
  }
  SUBCASE(
      "without a usable name, with a broken key, an empty file or a stale copy nothing is kept") {
    const std::string tooLong(1001, 'x');
    CHECK(scene.alice.upload(scene.route, {{"data", "content"}}).status == 400);
    CHECK(scene.alice.upload(scene.route, {{"data", "content", tooLong}}).status == 400);
    CHECK(scene.alice.upload(scene.route, {{"data", "content", "\xff"}}).status == 400);
    CHECK(scene.alice.upload(scene.route, {{"data", "", name}}).status == 400);
    CHECK(scene.alice.upload(scene.route, {{"key", "plain"}, {"data", "content", name}}).status ==
          400);
    CHECK(scene.alice
              .upload(scene.route, {{"lastKnownRevisionDate", "2020-01-01T00:00:00Z"},
                                    {"data", "content", name}})
              .status == 400);
    CHECK(scene.listed().size() == 1);
    CHECK(filesOf(scene.vault).size() == 1);
  }
}

TEST_CASE("an announcement must name a sealed name, a sealed key and a size") {
  Scene scene([](VaultOptions& options) { options.maxAttachmentBytes = 1000; });
  const auto status = [&](const nlohmann::json& change) {
    auto form = announcement(10);
    form.update(change);
    return scene.alice.post(scene.route + "/v2", form).status;
  };
  CHECK(status({{"fileName", nullptr}}) == 400);
  CHECK(status({{"fileName", "plain"}}) == 400);
  CHECK(status({{"fileName", "2.a|" + std::string(1000, 'x') + "|c"}}) == 400);
  CHECK(status({{"key", ""}}) == 400);
  CHECK(status({{"fileSize", 0}}) == 400);
  CHECK(status({{"fileSize", -1}}) == 400);
  CHECK(status({{"fileSize", "many"}}) == 400);
  CHECK(status({{"fileSize", 1001}}) == 400);
  CHECK(status({{"lastKnownRevisionDate", "2020-01-01T00:00:00Z"}}) == 400);
  CHECK(status({{"adminRequest", true}}) == 404);
  CHECK(scene.alice.revisionDate() > 0);
  CHECK(status({{"fileSize", 1000}, {"adminRequest", false}}) == 200);
}

TEST_CASE("a quota counts what is announced, for one person over all items") {
  Scene scene([](VaultOptions& options) { options.attachmentQuota = 1000; });
  const auto other = addItem(scene.alice);
  const auto first = announce(scene.alice, scene.item, 600);
  const auto over = scene.alice.post(attachmentsOf(other) + "/v2", announcement(401));
  CHECK(over.status == 400);
  CHECK(over.json()["message"] == "Not enough storage available.");
  const auto second = announce(scene.alice, other, 400);
  // What is larger than announced needs room too.
  CHECK(scene.alice.upload(scene.route + "/" + first, {{"data", std::string(601, 'x'), "f"}})
            .status == 400);
  CHECK(filesOf(scene.vault).empty());
  CHECK(scene.alice.upload(scene.route, {{"data", "x", "2.a|b|c"}}).status == 400);

  CHECK(scene.alice.remove(attachmentsOf(other) + "/" + second).status == 200);
  CHECK(scene.alice.upload(scene.route, {{"data", "x", "2.a|b|c"}}).status == 200);
  const auto bob = scene.vault.signUp("bob@example.test");
  (void)announce(bob, addItem(bob), 1000);
}

TEST_CASE("where attachments are switched off none is added, and those there are stay") {
  Scene scene;
  const auto id = attach(scene.alice, scene.item, "content");
  scene.vault.restart([](VaultOptions& options) { options.attachments = false; });
  CHECK(scene.alice.post(scene.route + "/v2", announcement(5)).status == 400);
  CHECK(scene.alice.upload(scene.route, {{"data", "x", "2.a|b|c"}}).status == 400);
  CHECK(scene.vault.call(http::Method::Get, targetOf(scene.listed()[0]["url"])).body == "content");
  CHECK(scene.alice.remove(scene.route + "/" + id).status == 200);
}

TEST_CASE("a removed attachment is gone at once, file and all, in every spelling") {
  for (const bool withPost : {false, true}) {
    Scene scene;
    const auto kept = attach(scene.alice, scene.item, "kept");
    const auto id = attach(scene.alice, scene.item, "content");
    const auto link = targetOf(scene.listed()[1]["url"]);
    const auto before = scene.itemNow()["revisionDate"];
    scene.vault.takeUpdates();
    const auto reply = withPost ? scene.alice.post(scene.route + "/" + id + "/delete")
                                : scene.alice.remove(scene.route + "/" + id);
    REQUIRE(reply.status == 200);
    CHECK(reply.json()["object"] == "deleteAttachment");
    CHECK(reply.json()["cipher"]["id"] == scene.item);
    CHECK(reply.json()["cipher"]["attachments"].size() == 1);
    CHECK(reply.json()["cipher"]["revisionDate"] > before);
    CHECK(scene.vault.takeUpdates().at(0).type == UpdateType::CipherUpdate);
    CHECK(scene.vault.call(http::Method::Get, link).status == 404);
    CHECK(filesOf(scene.vault) == std::vector{"attachments/" + scene.item + "/" + kept});
    CHECK(scene.alice.remove(scene.route + "/" + id).status == 404);
  }
}

TEST_CASE("a change of the item gives attachments new names and keys, and leaves others alone") {
  Scene scene;
  const auto id = attach(scene.alice, scene.item, "content");
  const auto untouched = attach(scene.alice, scene.item, "untouched");
  const auto put = [&](const nlohmann::json& members) {
    return scene.alice.put("/api/ciphers/" + scene.item, loginItem(1, members));
  };
  auto reply = put({{"attachments2",
                     {{id, {{"fileName", sealedText(7)}, {"key", sealedText(8)}}},
                      {"00000000000000000000", {{"fileName", sealedText(9)}, {"key", nullptr}}}}}});
  REQUIRE(reply.status == 200);
  CHECK(reply.json()["attachments"].size() == 2);
  CHECK(scene.listed()[0]["fileName"] == sealedText(7));
  CHECK(scene.listed()[0]["key"] == sealedText(8));
  CHECK(scene.listed()[1]["fileName"] == sealedText(1));
  CHECK(reply.json()["attachments"][0]["fileName"] == sealedText(7));

  CHECK(put({{"attachments", {{untouched, sealedText(5)}}}, {"attachments2", nullptr}}).status ==
        200);
  CHECK(scene.listed()[1]["fileName"] == sealedText(5));
  CHECK(scene.listed()[1]["key"] == sealedText(0));

  // An item sent back as it came holds a list.
  CHECK(put({{"attachments", scene.listed()}}).status == 200);
  CHECK(put({{"attachments2", {{id, {{"fileName", "plain"}}}}}}).status == 400);

  const auto other = addItem(scene.alice);
  const auto foreign = attach(scene.alice, other, "other");
  CHECK(put({{"attachments2", {{foreign, {{"fileName", sealedText(3)}}}}}}).status == 400);
  CHECK(scene.listed().size() == 2);
  CHECK(scene.alice.get("/api/ciphers/" + other).json()["attachments"][0]["fileName"] ==
        sealedText(1));
}

TEST_CASE("a new user key brings new names and keys of attachments, and leaves the files alone") {
  Scene scene;
  const auto id = attach(scene.alice, scene.item, "content");
  auto item = loginItem(
      3, {{"id", scene.item},
          {"attachments2", {{id, {{"fileName", sealedText(7)}, {"key", sealedText(8)}}}}}});
  const auto rotate = [&] {
    return scene.alice
        .post("/api/accounts/key", {{"masterPasswordHash", scene.alice.passwordHash},
                                    {"key", sealedText(1)},
                                    {"privateKey", sealedText(2)},
                                    {"ciphers", {item}},
                                    {"folders", nlohmann::json::array()},
                                    {"sends", nlohmann::json::array()}})
        .status;
  };
  REQUIRE(rotate() == 200);
  scene.alice = scene.vault.logIn(scene.alice.email, scene.alice.passwordHash, "after");
  CHECK(scene.listed()[0]["fileName"] == sealedText(7));
  CHECK(scene.listed()[0]["key"] == sealedText(8));
  CHECK(scene.vault.call(http::Method::Get, targetOf(scene.listed()[0]["url"])).body == "content");

  const auto bob = scene.vault.signUp("bob@example.test");
  const auto foreign = attach(bob, addItem(bob), "other");
  item["attachments2"] = {{foreign, {{"fileName", sealedText(7)}, {"key", sealedText(8)}}}};
  CHECK(rotate() == 400);
  CHECK(scene.listed().size() == 1);
}

TEST_CASE("a new user key leaves no file behind whose key the old one seals") {
  for (const bool hasOwnKey : {false, true}) {
    CAPTURE(hasOwnKey);
    Scene scene;
    const json none;
    auto item =
        loginItem(3, {{"id", scene.item}, {"key", hasOwnKey ? json(sealedText(6)) : json()}});
    REQUIRE(scene.alice.put("/api/ciphers/" + scene.item, item).status == 200);
    const auto one = attach(scene.alice, scene.item, "one");
    const auto two = attach(scene.alice, scene.item, "two");
    (void)announce(scene.alice, scene.item, 5);
    const auto rotate = [&](const json& attachments) {
      item["attachments2"] = attachments;
      return scene.alice
          .post("/api/accounts/key", {{"masterPasswordHash", scene.alice.passwordHash},
                                      {"key", sealedText(1)},
                                      {"privateKey", sealedText(2)},
                                      {"ciphers", {item}},
                                      {"folders", json::array()},
                                      {"sends", json::array()}})
          .status;
    };
    const json sealing = {{"fileName", sealedText(7)}, {"key", sealedText(8)}};
    const json keyless = {{"fileName", sealedText(7)}};
    if (!hasOwnKey) {
      CHECK(rotate(none) == 400);
      CHECK(rotate({{one, sealing}}) == 400);
      CHECK(rotate({{one, sealing}, {two, keyless}}) == 400);
      CHECK(scene.listed()[0]["key"] == sealedText(0));
      CHECK(rotate({{one, sealing}, {two, sealing}}) == 200);
    } else {
      CHECK(rotate({{one, sealing}}) == 200);
    }
    scene.alice = scene.vault.logIn(scene.alice.email, scene.alice.passwordHash, "after");
    CHECK(scene.listed()[0]["key"] == sealedText(8));
    CHECK(scene.listed()[1]["key"] == sealedText(hasOwnKey ? 0 : 8));
  }
}

TEST_CASE("files go with their item, with a purge and with their account") {
  Scene scene;
  const auto run = [&](const std::string& name) {
    for (const auto& job : scene.vault.service().jobs())
      if (job.name == name) return job.run();
    FAIL("no such job");
    return std::uint64_t{0};
  };
  (void)attach(scene.alice, scene.item, "content");
  const auto link = targetOf(scene.listed()[0]["url"]);
  REQUIRE(scene.alice.remove("/api/ciphers/" + scene.item).status == 200);
  CHECK(scene.vault.call(http::Method::Get, link).status == 404);
  run("remove-files");
  CHECK(filesOf(scene.vault).empty());

  (void)attach(scene.alice, addItem(scene.alice), "content");
  REQUIRE(scene.alice.post("/api/ciphers/purge", {{"masterPasswordHash", scene.alice.passwordHash}})
              .status == 200);
  run("remove-files");
  CHECK(filesOf(scene.vault).empty());

  (void)attach(scene.alice, addItem(scene.alice), "content");
  REQUIRE(scene.alice.remove("/api/accounts", {{"masterPasswordHash", scene.alice.passwordHash}})
              .status == 200);
  run("remove-files");
  CHECK(filesOf(scene.vault).empty());
  CHECK(run("remove-files") == 0);
}

}  // namespace coffer::vault::testing
