// SPDX-License-Identifier: BSD-2-Clause
//
// Files of Sends: how they come, and that none is left where it should not be.
#include "appliance/base/bytes.h"
#include "services/vault/sends/purge_sends.h"
#include "services/vault/sends/send_harness.h"

namespace coffer::vault::testing {
namespace {

using nlohmann::json;

std::string uploadPath(const json& announced) {
  return "/api" + announced["url"].get<std::string>();
}

}  // namespace

TEST_CASE("a file is announced, uploaded and only then there") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const std::string bytes(100'000, '\x7f');
  const auto before = alice.revisionDate();
  (void)vault.takeUpdates();
  const auto reply = alice.post("/api/sends/file/v2", fileSend(vault, bytes.size()));
  CHECK(reply.status == 200);
  const auto announced = reply.json();
  const auto send = announced["sendResponse"];
  const auto fileId = send["file"]["id"].get<std::string>();
  CHECK(announced["object"] == "send-fileUpload");
  CHECK(announced["fileUploadType"] == 0);
  CHECK(announced["url"] == "/sends/" + send["id"].get<std::string>() + "/file/" + fileId);
  CHECK(send["object"] == "send");
  CHECK(send["type"] == 1);
  CHECK(send["text"].is_null());
  CHECK(send["file"] == json{{"id", fileId},
                             {"fileName", sealedText(4)},
                             {"size", "100000"},
                             {"sizeName", "97.65 KB"}});

  // Until the bytes are there nobody sees it.
  CHECK(alice.get("/api/sends").json()["data"].empty());
  CHECK(alice.revisionDate() == before);
  CHECK(vault.takeUpdates().empty());
  CHECK(errorType(askForToken(vault, send["accessId"])) == "invalid_grant send_id_invalid");
  CHECK(readOld(vault, send).status == 404);
  CHECK(askForFileOld(vault, send["id"], fileId).status == 404);

  const auto renewed = alice.get(uploadPath(announced));
  CHECK(renewed.status == 200);
  CHECK(renewed.json() == announced);

  const auto uploaded =
      alice.upload(uploadPath(announced), {{"data", bytes, "2.cut/by=the client"}});
  CHECK(uploaded.status == 200);
  CHECK(uploaded.body.empty());
  const auto updates = vault.takeUpdates();
  REQUIRE(updates.size() == 1);
  CHECK(updates[0].type == UpdateType::SendCreate);
  CHECK(updates[0].id == send["id"]);
  CHECK(alice.revisionDate() > before);
  CHECK(alice.get("/api/sends").json()["data"].size() == 1);
  CHECK(std::filesystem::file_size(vault.folder() / "sends" / send["id"].get<std::string>() /
                                   fileId) == bytes.size());

  CHECK(alice.upload(uploadPath(announced), {{"data", bytes, "again"}}).status == 400);
  CHECK(alice.get(uploadPath(announced)).status == 400);
  const auto link = askForFile(vault, send, tokenFor(vault, send));
  CHECK(vault.call(http::Method::Get, targetOf(link)).body == bytes);
}

TEST_CASE("a file that is far from what was announced leaves neither row nor file") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const std::string& bytes : {std::string(), std::string(999, 'x'), std::string(MiB, 'x'),
                                   std::string(2 * MiB + 1001, 'x')}) {
    CAPTURE(bytes.size());
    const auto announced = alice.post("/api/sends/file/v2", fileSend(vault, MiB + 1000)).json();
    CHECK(alice.upload(uploadPath(announced), {{"data", bytes, "f"}}).status ==
          (bytes.size() == MiB ? 200 : 400));
    if (bytes.size() == MiB) {
      CHECK(alice.get("/api/sends").json()["data"][0]["file"]["size"] == "1048576");
      CHECK(alice.remove(pathOf(announced["sendResponse"])).status == 200);
    }
    CHECK(alice.get("/api/sends").json()["data"].empty());
    CHECK(sendFiles(vault) == 0);
    // As clients do when an upload failed.
    const auto removed = alice.remove(pathOf(announced["sendResponse"]));
    CHECK((removed.status == 200 || removed.status == 404));
    CHECK(alice.get(pathOf(announced["sendResponse"])).status == 404);
  }
  const auto announced = alice.post("/api/sends/file/v2", fileSend(vault, 5)).json();
  CHECK(alice.upload(uploadPath(announced), {{"other", "12345", "f"}}).status == 400);
  CHECK(alice.post(uploadPath(announced), json::object()).status == 400);
  CHECK(sendFiles(vault) == 0);
}

TEST_CASE("an upload goes to the file that was announced and nowhere else") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto text = addSend(alice, textSend(vault));
  const auto one = alice.post("/api/sends/file/v2", fileSend(vault, 5)).json();
  const auto two = alice.post("/api/sends/file/v2", fileSend(vault, 5)).json();
  const auto fileId = one["sendResponse"]["file"]["id"].get<std::string>();
  const std::vector<TestPart> form = {{"data", "12345", "f"}};
  CHECK(alice.upload(pathOf(two["sendResponse"]) + "/file/" + fileId, form).status == 404);
  CHECK(alice.upload(pathOf(text) + "/file/" + fileId, form).status == 404);
  CHECK(alice.upload(pathOf(one["sendResponse"]) + "/file/unknown", form).status == 404);
  CHECK(alice.get(pathOf(text) + "/file/" + fileId).status == 404);
  CHECK(sendFiles(vault) == 0);
}

TEST_CASE("what cannot be a file is not announced") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  for (const json& more :
       {json{{"fileLength", 0}}, json{{"fileLength", -1}}, json{{"fileLength", nullptr}},
        json{{"fileLength", "much"}}, json{{"file", nullptr}},
        json{{"file", {{"fileName", nullptr}}}}, json{{"file", {{"fileName", "clear"}}}},
        json{{"file", {{"fileName", "7." + std::string(999, 'A')}}}}, json{{"type", 0}},
        json{{"fileLength", 525'336'577}}, json{{"deletionDate", inDays(vault, 32)}}}) {
    CAPTURE(more.dump().substr(0, 80));
    CHECK(alice.post("/api/sends/file/v2", fileSend(vault, 5, more)).status == 400);
  }
  const auto text = alice.post("/api/sends/file/v2", fileSend(vault, 5, {{"fileLength", "5"}}));
  CHECK(text.status == 200);
}

TEST_CASE("a person's files stay within the quota, announced ones included") {
  TestVault vault([](VaultOptions& options) {
    options.sendQuota = 1000;
    options.maxSendBytes = 900;
  });
  const auto alice = vault.signUp("alice@example.test");
  const auto bob = vault.signUp("bob@example.test");
  const auto announce = [&](const TestClient& who, std::size_t size) {
    return who.post("/api/sends/file/v2", fileSend(vault, size));
  };
  CHECK(announce(alice, 901).status == 400);
  const auto first = announce(alice, 600);
  CHECK(first.status == 200);
  CHECK(announce(alice, 401).status == 400);
  CHECK(announce(alice, 400).status == 200);
  CHECK(announce(alice, 1).status == 400);
  CHECK(announce(bob, 900).status == 200);
  CHECK(alice.post("/api/sends", textSend(vault)).status == 200);
  CHECK(alice.remove(pathOf(first.json()["sendResponse"])).status == 200);
  CHECK(announce(alice, 600).status == 200);

  const auto model = fileSend(vault, 1).dump();
  CHECK(alice.upload("/api/sends/file", {{"model", model}, {"data", "x", "f"}}).status == 400);
  CHECK(bob.upload("/api/sends/file", {{"model", model}, {"data", std::string(101, 'x'), "f"}})
            .status == 400);
  CHECK(bob.upload("/api/sends/file", {{"model", model}, {"data", std::string(100, 'x'), "f"}})
            .status == 200);
  CHECK(sendFiles(vault) == 1);
}

TEST_CASE("very old clients send the Send and its file in one form") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  auto model = fileSend(vault, 0, {{"password", kSendPassword}});
  model.erase("fileLength");
  const auto reply =
      alice.upload("/api/sends/file", {{"model", model.dump()}, {"data", "bytes", sealedText(4)}});
  CHECK(reply.status == 200);
  const auto send = reply.json();
  CHECK(send["file"]["size"] == "5");
  CHECK(send["file"]["fileName"] == sealedText(4));
  CHECK(send["authType"] == 1);
  CHECK(alice.get("/api/sends").json()["data"] == json{send});
  const auto link =
      askForFileOld(vault, send["id"], send["file"]["id"], {{"password", kSendPassword}});
  CHECK(vault.call(http::Method::Get, targetOf(link)).body == "bytes");

  for (const auto& form :
       {std::vector<TestPart>{{"data", "bytes", "f"}},
        std::vector<TestPart>{{"model", "{", std::nullopt}, {"data", "bytes", "f"}},
        std::vector<TestPart>{{"model", textSend(vault).dump()}, {"data", "bytes", "f"}},
        std::vector<TestPart>{{"model", model.dump()}, {"data", "", "f"}},
        std::vector<TestPart>{{"model", model.dump()}}})
    CHECK(alice.upload("/api/sends/file", form).status == 400);
  CHECK(alice.get("/api/sends").json()["data"].size() == 1);
  CHECK(sendFiles(vault) == 1);
}

TEST_CASE("a file goes with its Send, whatever takes it") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto deleted = addFile(vault, alice, "bytes");
  CHECK(sendFiles(vault) == 1);
  CHECK(alice.remove(pathOf(deleted)).status == 200);
  CHECK(sendFiles(vault) == 0);

  addFile(vault, alice, "bytes");
  vault.clock().advance(8 * kDay);
  CHECK(purgeSends(vault.service().context()) == 1);
  CHECK(sendFiles(vault) == 0);
}

TEST_CASE("the job removes what is due and what never came, and doing it twice does no harm") {
  TestVault vault;
  const auto alice = vault.signUp("alice@example.test");
  const auto& context = vault.service().context();
  const auto keeps = addSend(alice, textSend(vault, {{"deletionDate", inDays(vault, 20)}}));
  for (int n = 0; n < 450; ++n) addSend(alice, textSend(vault));
  alice.post("/api/sends/file/v2", fileSend(vault, 5, {{"deletionDate", inDays(vault, 20)}}));
  CHECK(purgeSends(context) == 0);
  vault.clock().advance(2 * kDay);
  CHECK(purgeSends(context) == 0);
  vault.clock().advance(kSecond);
  CHECK(purgeSends(context) == 1);

  vault.clock().advance(5 * kDay);
  bool isListed = false;
  for (const auto& job : vault.service().jobs()) {
    if (job.name != "purge-sends") continue;
    isListed = true;
    CHECK(job.run() == 450);
    CHECK(job.run() == 0);
  }
  CHECK(isListed);
  const auto fresh = vault.logIn(alice.email, alice.passwordHash, alice.device);
  CHECK(fresh.get("/api/sends").json()["data"] == json{keeps});
  CHECK(fresh.revisionDate() * 1000 >= vault.clock().now());
}

}  // namespace coffer::vault::testing
