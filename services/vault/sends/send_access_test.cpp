// SPDX-License-Identifier: BSD-2-Clause
//
// Sends as somebody with a link reads them, with the protocol of each year.
#include "services/vault/sends/send_harness.h"
#include "storage/stores/user_store.h"

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

const json kPassword = {{"password", kSendPassword}};

int statusOfGrant(TestVault& vault, const json& send) {
  return askForToken(vault, send["accessId"]).status;
}

std::int64_t accesses(const TestClient& client, const json& send) {
  return client.get(pathOf(send)).json()["accessCount"];
}

}  // namespace

TEST_CASE("a text is read with a token, and each reading counts") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(alice, textSend(vault, {{"notes", sealedText(9)}}));
  const auto token = tokenFor(vault, send);
  CHECK(accesses(alice, send) == 0);
  vault.clock().advance(kSecond);
  const auto before = alice.revisionDate();
  (void)vault.takeUpdates();

  const auto reply = readText(vault, token);
  CHECK(reply.status == 200);
  CHECK(reply.json() == json{{"id", send["accessId"]},
                             {"type", 0},
                             {"authType", 2},
                             {"name", sealedText(1)},
                             {"text", {{"text", sealedText(3)}, {"hidden", true}}},
                             {"file", nullptr},
                             {"expirationDate", nullptr},
                             {"creatorIdentifier", "alice@example.test"},
                             {"object", "send-access"}});
  const auto stored = alice.get(pathOf(send)).json();
  CHECK(stored["accessCount"] == 1);
  CHECK(stored["revisionDate"] > send["revisionDate"]);
  CHECK(alice.revisionDate() > before);
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::SendUpdate);
  CHECK(updates[0].userId == alice.userId);
  CHECK(updates[0].actingDevice.empty());
  CHECK(updates[0].id == send["id"]);
  CHECK(formatIsoDate(updates[0].date) == stored["revisionDate"]);

  CHECK(readText(vault, token).status == 200);
  CHECK(accesses(alice, send) == 2);
}

TEST_CASE("the owner's address is shown unless it is hidden") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(alice, textSend(vault, {{"hideEmail", true}}));
  CHECK(readText(vault, tokenFor(vault, send)).json()["creatorIdentifier"].is_null());
  CHECK(readOld(vault, send).json()["creatorIdentifier"].is_null());
}

TEST_CASE("a file is counted when its address is asked for, and downloads by that alone") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addFile(vault, alice, "the bytes", {{"maxAccessCount", 1}});
  const auto token = tokenFor(vault, send);
  const auto shown = readText(vault, token);
  CHECK(shown.status == 200);
  CHECK(shown.json()["file"] == send["file"]);
  CHECK(shown.json()["text"].is_null());
  CHECK(accesses(alice, send) == 0);

  const auto link = askForFile(vault, send, token);
  CHECK(link.status == 200);
  CHECK(link.json()["id"] == send["file"]["id"]);
  CHECK(link.json()["object"] == "send-fileDownload");
  CHECK(link.json()["url"].get<std::string>().starts_with("http"));
  CHECK(accesses(alice, send) == 1);
  CHECK(askForFile(vault, send, token).status == 404);
  CHECK(readText(vault, token).status == 404);
  CHECK(accesses(alice, send) == 1);

  const auto target = targetOf(link);
  const auto file = vault.call(http::Method::Get, target);
  CHECK(file.status == 200);
  CHECK(file.body == "the bytes");
  CHECK(file.header("Content-Type") == "application/octet-stream");
  CHECK(vault.call(http::Method::Get, target).status == 200);
  CHECK(vault.call(http::Method::Get, target, "", {{"Origin", "bw-desktop-file://bundle"}})
            .header("Access-Control-Allow-Origin") == "bw-desktop-file://bundle");

  vault.clock().advance(5 * kMinute + kSecond);
  CHECK(vault.call(http::Method::Get, target).status == 404);
}

TEST_CASE("the address of one file opens no other, and ends with its Send") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto one = addFile(vault, alice, "one");
  const auto two = addFile(vault, alice, "two");
  const auto target = targetOf(askForFile(vault, one, tokenFor(vault, one)));
  const auto get = [&](const std::string& path) {
    return vault.call(http::Method::Get, path).status;
  };
  const auto query = target.substr(target.find('?'));
  const auto path = target.substr(0, target.find('?'));
  CHECK(get(target) == 200);
  CHECK(get(path) == 404);
  CHECK(get(path + "?t=") == 404);
  CHECK(get(target + "x") == 404);
  CHECK(get(path + "?token=" + query.substr(3)) == 404);
  CHECK(get(pathOf(two) + "/" + two["file"]["id"].get<std::string>() + query) == 404);
  CHECK(get(pathOf(one) + "/" + two["file"]["id"].get<std::string>() + query) == 404);
  CHECK(get(pathOf(two) + "/" + one["file"]["id"].get<std::string>() + query) == 404);

  CHECK(alice.put(pathOf(one), fileSend(vault, 3, {{"disabled", true}})).status == 200);
  CHECK(get(target) == 404);
  CHECK(alice.put(pathOf(one), fileSend(vault, 3)).status == 200);
  CHECK(get(target) == 200);
  CHECK(alice.remove(pathOf(one)).status == 200);
  CHECK(get(target) == 404);
}

TEST_CASE("a file of another Send is not found, and costs no access") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto one = addFile(vault, alice, "one");
  const auto two = addFile(vault, alice, "two");
  const auto text = addSend(alice, textSend(vault));
  CHECK(askForFile(vault, two, tokenFor(vault, one)).status == 404);
  CHECK(askForFile(vault, two, tokenFor(vault, text)).status == 404);
  CHECK(askForFileOld(vault, one["id"], two["file"]["id"]).status == 404);
  CHECK(askForFileOld(vault, text["id"], two["file"]["id"]).status == 404);
  CHECK(accesses(alice, one) == 0);
  CHECK(accesses(alice, two) == 0);
  CHECK(accesses(alice, text) == 0);
}

TEST_CASE("clients of before 2026 read without a token") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto text = addSend(alice, textSend(vault));
  const auto reply = readOld(vault, text);
  CHECK(reply.status == 200);
  CHECK(reply.json()["text"] == text["text"]);
  CHECK(reply.json()["object"] == "send-access");
  CHECK(accesses(alice, text) == 1);
  const auto bare = "/api/sends/access/" + text["accessId"].get<std::string>();
  CHECK(vault.call(http::Method::Post, bare, "").status == 200);

  const auto file = addFile(vault, alice, "bytes");
  CHECK(readOld(vault, file).json()["file"] == file["file"]);
  CHECK(accesses(alice, file) == 0);
  for (const char* id : {"id", "accessId"}) {
    const auto link = askForFileOld(vault, file[id], file["file"]["id"]);
    CHECK(link.status == 200);
    CHECK(vault.call(http::Method::Get, targetOf(link)).body == "bytes");
  }
  CHECK(accesses(alice, file) == 2);
}

TEST_CASE("a password is asked for, and a wrong one is not taken") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto text = addSend(alice, textSend(vault, kPassword));
  const auto file = addFile(vault, alice, "bytes", kPassword);
  for (const auto& body : {json::object(), json{{"password", nullptr}}, json{{"password", ""}}}) {
    CHECK(readOld(vault, text, body).status == 401);
    CHECK(askForFileOld(vault, file["id"], file["file"]["id"], body).status == 401);
  }
  for (const auto& wrong : {kOtherSendPassword, std::string("protected"), kSendPassword + "=",
                            std::string(2000, 'x')}) {
    CHECK(readOld(vault, text, {{"password", wrong}}).status == 400);
  }
  CHECK(askForFileOld(vault, file["id"], file["file"]["id"], {{"password", kOtherSendPassword}})
            .status == 400);
  CHECK(
      vault
          .call(http::Method::Post, "/api/sends/access/" + text["accessId"].get<std::string>(), "[")
          .status == 400);
  CHECK(accesses(alice, text) == 0);
  CHECK(accesses(alice, file) == 0);
  CHECK(readOld(vault, text, kPassword).status == 200);
  CHECK(readOld(vault, file, kPassword).status == 200);
  CHECK(askForFileOld(vault, file["id"], file["file"]["id"], kPassword).status == 200);
}

TEST_CASE("passwords cannot be guessed for long, and the right one costs nothing") {
  TestVault vault([](VaultOptions& options) {
    options.loginLimit = {3, std::chrono::seconds{60}};
  });
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(alice, textSend(vault, kPassword));
  const auto other = addSend(alice, textSend(vault, kPassword));
  for (int n = 0; n < 6; ++n) CHECK(readOld(vault, send, kPassword).status == 200);
  CHECK(readOld(vault, send, {{"password", kOtherSendPassword}}).status == 400);
  CHECK(errorType(askForToken(vault, send["accessId"], passwordField(kOtherSendPassword))) ==
        "invalid_grant password_hash_b64_invalid");
  CHECK(readOld(vault, send, {{"password", kOtherSendPassword}}).status == 400);
  // Not even the right one tells itself from a wrong one now.
  CHECK(readOld(vault, send, kPassword).status == 429);
  CHECK(askForToken(vault, send["accessId"], passwordField(kSendPassword)).status == 429);
  CHECK(readOld(vault, other, kPassword).status == 200);
  vault.useClientAddress("192.0.2.8");
  CHECK(readOld(vault, send, kPassword).status == 200);
  vault.useClientAddress("192.0.2.7");
  vault.clock().advance(kMinute);
  CHECK(readOld(vault, send, kPassword).status == 200);
}

TEST_CASE("whoever tries too much is held up") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addSend(alice, textSend(vault));
  vault.restart([](VaultOptions& options) {
    options.anonymousLimit = {2, std::chrono::seconds{60}};
  });
  CHECK(readOld(vault, send).status == 200);
  CHECK(askForToken(vault, send["accessId"]).status == 200);
  CHECK(readOld(vault, send).status == 429);
  CHECK(askForToken(vault, send["accessId"]).status == 429);
  CHECK(alice.get(pathOf(send)).status == 200);
}

TEST_CASE("a Send that may not be read is not found, whatever the reason") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto gone = [&](const json& send) {
    const auto fileId = send["file"].is_null() ? "none" : send["file"]["id"].get<std::string>();
    CHECK(readOld(vault, send).status == 404);
    CHECK(askForFileOld(vault, send["id"], fileId).status == 404);
    CHECK(errorType(askForToken(vault, send["accessId"])) == "invalid_grant send_id_invalid");
  };

  SUBCASE("disabled") {
    const auto send = addSend(alice, textSend(vault));
    const auto token = tokenFor(vault, send);
    alice.put(pathOf(send), textSend(vault, {{"disabled", true}}));
    gone(send);
    CHECK(readText(vault, token).status == 404);
  }
  SUBCASE("expired") {
    const auto send = addSend(alice, textSend(vault, {{"expirationDate", inDays(vault, 0.001)}}));
    const auto token = tokenFor(vault, send);
    vault.clock().advance(static_cast<UnixMicros>(0.001 * static_cast<double>(kDay)));
    gone(send);
    CHECK(readText(vault, token).status == 404);
  }
  SUBCASE("past its deletion, and not yet purged") {
    const auto send = addFile(vault, alice, "bytes", {{"deletionDate", inDays(vault, 0.001)}});
    const auto token = tokenFor(vault, send);
    const auto target = targetOf(askForFile(vault, send, token));
    vault.clock().advance(2 * kMinute);
    gone(send);
    CHECK(readText(vault, token).status == 404);
    CHECK(vault.call(http::Method::Get, target).status == 404);
  }
  SUBCASE("read as often as allowed") {
    const auto send = addSend(alice, textSend(vault, {{"maxAccessCount", 2}}));
    const auto token = tokenFor(vault, send);
    CHECK(readText(vault, token).status == 200);
    CHECK(readOld(vault, send).status == 200);
    gone(send);
    CHECK(readText(vault, token).status == 404);
    CHECK(accesses(alice, send) == 2);
  }
  SUBCASE("its owner disabled") {
    const auto send = addFile(vault, alice, "bytes");
    const auto token = tokenFor(vault, send);
    const auto target = targetOf(askForFile(vault, send, token));
    vault.database().write([&](storage::Transaction& tx) {
      CHECK(storage::UserStore(tx).setEnabled(alice.userId, false, vault.clock().now()));
    });
    gone(send);
    CHECK(readText(vault, token).status == 404);
    CHECK(askForFile(vault, send, token).status == 404);
    CHECK(vault.call(http::Method::Get, target).status == 404);
  }
  SUBCASE("deleted") {
    const auto send = addSend(alice, textSend(vault));
    const auto token = tokenFor(vault, send);
    CHECK(alice.remove(pathOf(send)).status == 200);
    CHECK(readOld(vault, send).status == 404);
    CHECK(readText(vault, token).status == 404);
  }
  SUBCASE("never there") {
    for (const char* id : {"nonsense", "ABEiM0RVZneImaq7zN3u_w", "file"})
      CHECK(vault.postJson(std::string("/api/sends/access/") + id, json::object()).status == 404);
  }
}

TEST_CASE("of two who want the last access one gets it") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addFile(vault, alice, "bytes", {{"maxAccessCount", 1}});
  const auto one = tokenFor(vault, send);
  const auto two = tokenFor(vault, send);
  CHECK(askForFile(vault, send, one).status == 200);
  CHECK(askForFile(vault, send, two).status == 404);
  CHECK(statusOfGrant(vault, send) == 400);
  CHECK(accesses(alice, send) == 1);
}

TEST_CASE("what a Send asks for by now is what counts, not what it asked for before") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto text = addSend(alice, textSend(vault));
  const auto file = addFile(vault, alice, "bytes");
  const auto forText = tokenFor(vault, text);
  const auto forFile = tokenFor(vault, file);
  alice.put(pathOf(text), textSend(vault, {{"name", sealedText(5)}}));
  CHECK(readText(vault, forText).status == 200);
  alice.put(pathOf(text), textSend(vault, kPassword));
  alice.put(pathOf(file), fileSend(vault, 5, kPassword));
  CHECK(readText(vault, forText).status == 401);
  CHECK(readText(vault, forFile).status == 401);
  CHECK(askForFile(vault, file, forFile).status == 401);
  const auto again = tokenFor(vault, text, passwordField(kSendPassword));
  CHECK(readText(vault, again).status == 200);
  alice.put(pathOf(text), textSend(vault, {{"password", kOtherSendPassword}}));
  CHECK(readText(vault, again).status == 401);
  // Clients keep a token while it lasts: one that is open by now opens with any.
  CHECK(alice.put(pathOf(text) + "/remove-password").status == 200);
  CHECK(readText(vault, again).status == 200);
}

TEST_CASE("tokens open what they were made for and nothing else") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto send = addFile(vault, alice, "bytes");
  const auto token = tokenFor(vault, send);
  const auto fileRoute = "/api/sends/access/file/" + send["file"]["id"].get<std::string>();
  auto tampered = token;
  tampered[tampered.size() / 2] = tampered[tampered.size() / 2] == 'A' ? 'B' : 'A';
  for (const auto& wrong : {alice.accessToken, tampered, std::string(), std::string("x"),
                            token.substr(0, token.rfind('.')) + "."}) {
    CHECK(postWithToken(vault, "/api/sends/access", wrong).status == 401);
    CHECK(postWithToken(vault, fileRoute, wrong).status == 401);
  }
  CHECK(vault.call(http::Method::Post, "/api/sends/access").status == 401);
  CHECK(vault.call(http::Method::Post, fileRoute).status == 401);

  const Headers bearer = {{"Authorization", "Bearer " + token}};
  for (const char* path : {"/api/sends", "/api/sync", "/api/accounts/profile", "/api/ciphers"})
    CHECK(vault.call(http::Method::Get, path, "", bearer).status == 401);
  CHECK(vault.call(http::Method::Get, pathOf(send), "", bearer).status == 401);
  CHECK(vault.call(http::Method::Delete, pathOf(send), "", bearer).status == 401);
  CHECK(vault
            .call(http::Method::Get,
                  pathOf(send) + "/" + send["file"]["id"].get<std::string>() + "?t=" + token)
            .status == 404);

  vault.clock().advance(5 * kMinute + 31 * kSecond);
  CHECK(readText(vault, token).status == 401);
}

}  // namespace coffer::vault::testing
