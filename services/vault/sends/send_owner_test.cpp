// SPDX-License-Identifier: BSD-2-Clause
//
// Sends as their owner makes, changes and deletes them.
#include "services/vault/sends/send_harness.h"
#include "services/vault/sends/send_id.h"

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

const std::string kUnused = "0f01a66f-7802-42bc-9647-a82600f11e10";

void enableMail(VaultOptions& options) {
  options.mail.sendmail = "/bin/false";
  options.mail.from = "coffer@example.test";
}

}  // namespace

TEST_CASE("an access id is the sixteen bytes of the id as they are written") {
  const std::string id = "00112233-4455-6677-8899-aabbccddeeff";
  CHECK(accessIdOf(id) == "ABEiM0RVZneImaq7zN3u_w");
  CHECK(parseSendId("ABEiM0RVZneImaq7zN3u_w") == id);
  CHECK(parseSendId("00112233-4455-6677-8899-AABBCCDDEEFF") == id);
  for (const char* bad : {"", "x", "ABEiM0RVZneImaq7zN3u", "ABEiM0RVZneImaq7zN3u_wAA",
                          "00112233445566778899aabbccddeeff", "ABEiM0RVZneImaq7zN3u/w"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseSendId(bad));
  }
}

TEST_CASE("a text Send is made, read, listed and synced by its owner") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto before = alice.revisionDate();
  const auto send =
      addSend(alice, textSend(vault, {{"notes", sealedText(9)}, {"maxAccessCount", "5"}}));
  CHECK(send["object"] == "send");
  CHECK(send["accessId"] == accessIdOf(send["id"].get<std::string>()));
  CHECK(send["type"] == 0);
  CHECK(send["authType"] == 2);
  CHECK(send["name"] == sealedText(1));
  CHECK(send["notes"] == sealedText(9));
  CHECK(send["key"] == sealedText(2));
  CHECK(send["text"] == json{{"text", sealedText(3)}, {"hidden", true}});
  CHECK(send["file"].is_null());
  CHECK(send["maxAccessCount"] == 5);
  CHECK(send["accessCount"] == 0);
  CHECK(send["password"].is_null());
  CHECK(send["emails"].is_null());
  CHECK(send["disabled"] == false);
  CHECK(send["hideEmail"] == false);
  CHECK(send["expirationDate"].is_null());
  CHECK(send["deletionDate"] == inDays(vault, 7));
  CHECK(send["revisionDate"] == inDays(vault, 0));
  CHECK(send.size() == 19);
  CHECK(alice.revisionDate() > before);

  CHECK(alice.get(pathOf(send)).json() == send);
  CHECK(alice.get("/api/sends").json() ==
        json{{"object", "list"}, {"continuationToken", nullptr}, {"data", {send}}});
  CHECK(alice.get("/api/sync").json()["sends"] == json{send});
}

TEST_CASE("other devices are told of what happens to a Send") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  (void)vault.takeUpdates();
  const auto send = addSend(alice, textSend(vault));
  vault.clock().advance(kSecond);
  const auto changed = alice.put(pathOf(send), textSend(vault)).json();
  CHECK(alice.remove(pathOf(send)).status == 200);
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 3);
  CHECK(updates[0].type == UpdateType::SendCreate);
  CHECK(updates[1].type == UpdateType::SendUpdate);
  CHECK(updates[2].type == UpdateType::SendDelete);
  CHECK(formatIsoDate(updates[0].date) == send["revisionDate"]);
  CHECK(formatIsoDate(updates[1].date) == changed["revisionDate"]);
  for (const auto& update : updates) {
    CHECK(update.userId == alice.userId);
    CHECK(update.actingDevice == alice.device);
    CHECK(update.id == send["id"]);
  }
}

TEST_CASE("what a Send may not be is refused, and nothing is stored") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  struct Case {
    json more;
    const char* field;  // "" where the message says it.
  };
  const Case cases[] = {
      {{{"type", 2}}, ""},
      {{{"type", 1}, {"file", {{"fileName", sealedText(1)}}}}, ""},
      {{{"type", 3}}, "Type"},
      {{{"type", nullptr}}, "Type"},
      {{{"name", "clear"}}, "Name"},
      {{{"name", nullptr}}, "Name"},
      {{{"name", "7." + std::string(999, 'A')}}, "Name"},
      {{{"notes", std::string(1001, 'n')}}, "Notes"},
      {{{"key", ""}}, "Key"},
      {{{"key", "7." + std::string(999, 'A')}}, "Key"},
      {{{"text", nullptr}}, "Text"},
      {{{"text", "text"}}, "Text"},
      {{{"text", {{"text", std::string(500'001, 't')}}}}, "Text.Text"},
      {{{"password", std::string(1001, 'p')}}, "Password"},
      {{{"emails", std::string(4001, 'e')}}, "Emails"},
      {{{"emails", "nobody"}}, "Emails"},
      {{{"authType", 3}}, "AuthType"},
      {{{"authType", 0}}, ""},
      {{{"authType", 1}}, ""},
      {{{"maxAccessCount", 0}}, "MaxAccessCount"},
      {{{"maxAccessCount", -1}}, "MaxAccessCount"},
      {{{"maxAccessCount", 4'294'967'296}}, "MaxAccessCount"},
      {{{"maxAccessCount", "many"}}, "MaxAccessCount"},
      {{{"deletionDate", nullptr}}, "DeletionDate"},
      {{{"deletionDate", "soon"}}, "DeletionDate"},
      {{{"deletionDate", inDays(vault, 31.01)}}, ""},
      {{{"deletionDate", inDays(vault, 0)}}, ""},
      {{{"deletionDate", inDays(vault, -1)}}, ""},
      {{{"emails", "a@example.test"}, {"authType", 0}}, ""},  // There is no mail.
  };
  const auto before = alice.revisionDate();
  for (const auto& c : cases) {
    CAPTURE(c.more.dump().substr(0, 100));
    const auto reply = alice.post("/api/sends", textSend(vault, c.more));
    CHECK(reply.status == 400);
    if (*c.field != '\0') {
      CHECK(reply.json()["validationErrors"].contains(c.field));
    } else {
      CHECK_FALSE(reply.json()["message"].get<std::string>().empty());
    }
  }
  CHECK(alice.get("/api/sends").json()["data"].empty());
  CHECK(alice.revisionDate() == before);
}

TEST_CASE("what clients of all years send is taken") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const json cases[] = {
      {{"text", {{"text", std::string(100'000, 't')}, {"hidden", nullptr}, {"response", nullptr}}}},
      {{"text", {{"text", nullptr}}}},
      {{"authType", 2}, {"data", nullptr}},
      {{"file", {{"fileName", nullptr}, {"id", nullptr}}}, {"fileLength", nullptr}},
      {{"hideEmail", nullptr}, {"disabled", nullptr}, {"emails", ""}, {"password", ""}},
      {{"maxAccessCount", ""}, {"notes", ""}},
      {{"deletionDate", inDays(vault, 31)}, {"expirationDate", inDays(vault, -1)}},
      {{"expirationDate", "0001-01-01T00:00:00"}},
  };
  for (const auto& more : cases) {
    CAPTURE(more.dump().substr(0, 100));
    const auto send = addSend(alice, textSend(vault, more));
    CHECK(send["authType"] == 2);
    CHECK(send["hideEmail"] == false);
    CHECK(send["maxAccessCount"].is_null());
  }
}

TEST_CASE("an edit replaces what may change and keeps the count") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(alice, textSend(vault));
  REQUIRE(readOld(vault, send).status == 200);
  vault.clock().advance(kMinute);
  const auto before = alice.revisionDate();
  const json more = {{"name", sealedText(11)},
                     {"notes", sealedText(12)},
                     {"text", {{"text", sealedText(13)}, {"hidden", false}}},
                     {"maxAccessCount", 9},
                     {"expirationDate", inDays(vault, 2)},
                     {"deletionDate", inDays(vault, 3)},
                     {"disabled", true},
                     {"hideEmail", true}};
  const auto reply = alice.put(pathOf(send), textSend(vault, more));
  CHECK(reply.status == 200);
  const auto changed = reply.json();
  for (const auto& [name, value] : more.items()) CHECK(changed[name] == value);
  CHECK(changed["id"] == send["id"]);
  CHECK(changed["accessCount"] == 1);
  CHECK(changed["revisionDate"] > send["revisionDate"]);
  CHECK(alice.get(pathOf(send)).json() == changed);
  CHECK(alice.revisionDate() > before);

  CHECK(alice.put(pathOf(send), fileSend(vault, 5)).status == 400);
  CHECK(alice.put(pathOf(send), textSend(vault, {{"deletionDate", inDays(vault, 40)}})).status ==
        400);
  CHECK(alice.get(pathOf(send)).json() == changed);
}

TEST_CASE("an edit protects, unprotects or leaves alone, as clients of each year mean it") {
  TestVault vault(enableMail);
  const auto alice = vault.signUp("alice@example.test");
  const json password = {{"password", kSendPassword}};
  const json emails = {{"authType", 0},
                       {"emails", " A@Example.test, b@example.test,a@example.test"}};
  const std::string listed = "a@example.test,b@example.test";
  struct Case {
    json start;
    json edit;
    int authType;
    bool right;  // The password set at the start still opens it.
  };
  const Case cases[] = {
      {password, json::object(), 1, true},
      {password, {{"authType", 1}}, 1, true},
      {password, {{"password", "protected"}}, 1, true},
      {password, {{"password", "protected"}, {"authType", 1}}, 1, true},
      {password, {{"password", kOtherSendPassword}}, 1, false},
      {password, {{"password", kOtherSendPassword}, {"authType", 1}}, 1, false},
      {password, {{"authType", 2}}, 2, false},
      {password, emails, 0, false},
      {json::object(), password, 1, true},
      {json::object(), emails, 0, false},
      {json::object(), {{"emails", "b@example.test"}}, 0, false},
      {emails, json::object(), 0, false},
      {emails, {{"authType", 0}}, 0, false},
      {emails, {{"authType", 2}}, 2, false},
      {emails, password, 1, true},
  };
  for (const auto& c : cases) {
    CAPTURE(c.start.dump());
    CAPTURE(c.edit.dump());
    const auto send = addSend(alice, textSend(vault, c.start));
    CHECK(send["password"] == (c.start.contains("password") ? json("protected") : json()));
    const auto reply = alice.put(pathOf(send), textSend(vault, c.edit));
    REQUIRE(reply.status == 200);
    const auto changed = reply.json();
    CHECK(changed["authType"] == c.authType);
    CHECK(changed["password"].is_null() == (c.authType != 1));
    CHECK(changed["emails"].is_null() == (c.authType != 0));
    if (c.edit == emails || c.start == emails)
      CHECK((c.authType != 0 || changed["emails"] == listed));
    if (c.authType == 1) CHECK(readOld(vault, send, password).status == (c.right ? 200 : 400));
    if (c.authType == 2) CHECK(readOld(vault, send).status == 200);
  }
  const auto open = addSend(alice, textSend(vault));
  CHECK(alice.put(pathOf(open), textSend(vault, {{"authType", 1}})).status == 400);
  CHECK(alice.put(pathOf(open), textSend(vault, {{"authType", 0}})).status == 400);
  CHECK(alice.get(pathOf(open)).json()["authType"] == 2);
}

TEST_CASE("protection is taken away by both names of the route") {
  TestVault vault(enableMail);
  const auto alice = vault.signUp("alice@example.test");
  for (const char* route : {"/remove-password", "/remove-auth"}) {
    for (const json& more :
         {json{{"password", kSendPassword}}, json{{"authType", 0}, {"emails", "a@example.test"}}}) {
      const auto send = addSend(alice, textSend(vault, more));
      CHECK(send["authType"] != 2);
      const auto reply = alice.put(pathOf(send) + route);
      CHECK(reply.status == 200);
      CHECK(reply.json()["authType"] == 2);
      CHECK(reply.json()["password"].is_null());
      CHECK(reply.json()["emails"].is_null());
      CHECK(readOld(vault, send).status == 200);
    }
  }
}

TEST_CASE("a stranger's Send is the same 404 as one that never was") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto mallory = vault.signUp("mallory@example.test");
  const auto send = addSend(alice, textSend(vault, {{"password", kSendPassword}}));
  const auto file = addFile(vault, alice, "bytes");
  const auto before = alice.revisionDate();
  const auto fileId = file["file"]["id"].get<std::string>();
  for (const auto& id : {send["id"].get<std::string>(), file["id"].get<std::string>(), kUnused,
                         std::string("nonsense")}) {
    CAPTURE(id);
    const auto path = "/api/sends/" + id;
    for (const auto& reply :
         {mallory.get(path), mallory.put(path, textSend(vault)), mallory.remove(path),
          mallory.put(path + "/remove-password"), mallory.put(path + "/remove-auth"),
          mallory.get(path + "/file/" + fileId),
          mallory.upload(path + "/file/" + fileId, {{"data", "bytes", "f"}})}) {
      CHECK(reply.status == 404);
      CHECK(reply.json()["message"] == "Resource not found.");
    }
  }
  CHECK(mallory.get("/api/sends").json()["data"].empty());
  CHECK(mallory.get("/api/sync").json()["sends"].empty());
  CHECK(alice.get(pathOf(send)).json() == send);
  CHECK(alice.revisionDate() == before);
}

TEST_CASE("without Sends only deleting is left") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(alice, textSend(vault, {{"password", kSendPassword}}));
  const auto announced = alice.post("/api/sends/file/v2", fileSend(vault, 5)).json();
  vault.restart([](VaultOptions& options) { options.sends = false; });
  CHECK(alice.post("/api/sends", textSend(vault)).status == 400);
  CHECK(alice.post("/api/sends/file/v2", fileSend(vault, 5)).status == 400);
  CHECK(alice.put(pathOf(send), textSend(vault)).status == 400);
  CHECK(alice.put(pathOf(send) + "/remove-password").status == 400);
  CHECK(
      alice.upload("/api" + announced["url"].get<std::string>(), {{"data", "bytes", "f"}}).status ==
      400);
  CHECK(alice.get("/api/sends").json()["data"] == json{send});
  CHECK(alice.remove(pathOf(send)).status == 200);
  CHECK(alice.get("/api/sends").json()["data"].empty());
}

TEST_CASE("many Sends come in pieces that make one document") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (int n = 0; n < 40; ++n)
    addSend(alice, textSend(vault, {{"text", {{"text", std::string(5000, 't')}}}}));
  const auto list = alice.get("/api/sends").json()["data"];
  CHECK(list.size() == 40);
  CHECK(alice.get("/api/sync").json()["sends"] == list);
  CHECK(alice.get("/api/sync").json()["ciphers"].empty());
}

}  // namespace coffer::vault::testing
