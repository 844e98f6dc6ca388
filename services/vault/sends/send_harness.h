// SPDX-License-Identifier: BSD-2-Clause
//
// For the tests of Sends: what clients send, as their owner and as somebody with a link.
#pragma once

#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace coffer::vault::testing {

// As a client derives it from a password and the key in the link.
inline const std::string kSendPassword = "hE1uCS3vlWo9J3PkHXIb8tlaHY9STZcMp2zSBSigNnk=";
inline const std::string kOtherSendPassword = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

inline std::string inDays(TestVault& vault, double days) {
  return formatIsoDate(vault.clock().now() +
                       static_cast<UnixMicros>(days * static_cast<double>(kDay)));
}

// A text that is deleted in a week, with `more` members merged in.
inline nlohmann::json textSend(TestVault& vault,
                               const nlohmann::json& more = nlohmann::json::object()) {
  nlohmann::json send = {{"type", 0},
                         {"name", sealedText(1)},
                         {"notes", nullptr},
                         {"key", sealedText(2)},
                         {"text", {{"text", sealedText(3)}, {"hidden", true}}},
                         {"file", nullptr},
                         {"maxAccessCount", nullptr},
                         {"expirationDate", nullptr},
                         {"deletionDate", inDays(vault, 7)},
                         {"password", nullptr},
                         {"emails", nullptr},
                         {"disabled", false},
                         {"hideEmail", false}};
  send.update(more);
  return send;
}

inline nlohmann::json fileSend(TestVault& vault, std::size_t size,
                               const nlohmann::json& more = nlohmann::json::object()) {
  nlohmann::json send = textSend(vault, {{"type", 1},
                                         {"text", nullptr},
                                         {"file", {{"fileName", sealedText(4)}}},
                                         {"fileLength", size}});
  send.update(more);
  return send;
}

inline nlohmann::json addSend(const TestClient& client, const nlohmann::json& send) {
  const auto reply = client.post("/api/sends", send);
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return reply.json();
}

// Announces and uploads a file; the Send.
inline nlohmann::json addFile(TestVault& vault, const TestClient& client, const std::string& bytes,
                              const nlohmann::json& more = nlohmann::json::object()) {
  const auto announced =
      client.post("/api/sends/file/v2", fileSend(vault, bytes.size(), more)).json();
  const auto uploaded = client.upload("/api" + announced["url"].get<std::string>(),
                                      {{"data", bytes, std::string("whatever")}});
  REQUIRE_MESSAGE(uploaded.status == 200, uploaded.body);
  return announced["sendResponse"];
}

inline std::string pathOf(const nlohmann::json& send) {
  return "/api/sends/" + send["id"].get<std::string>();
}

// The grant; `more` are further fields, already encoded: "&email=…".
inline Reply askForToken(TestVault& vault, const std::string& sendId,
                         const std::string& more = {}) {
  return vault.postForm(
      "/identity/connect/token",
      "grant_type=send_access&client_id=send&scope=api.send.access&send_id=" + sendId + more);
}

inline std::string passwordField(std::string password) {
  for (std::size_t at = 0; (at = password.find('=', at)) != std::string::npos; at += 3)
    password.replace(at, 1, "%3D");
  return "&password_hash_b64=" + password;
}

inline std::string tokenFor(TestVault& vault, const nlohmann::json& send,
                            const std::string& more = {}) {
  const auto reply = askForToken(vault, send["accessId"], more);
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return reply.json()["access_token"];
}

inline Reply postWithToken(TestVault& vault, const std::string& target, const std::string& token) {
  return vault.call(http::Method::Post, target, "", {{"Authorization", "Bearer " + token}});
}

inline Reply readText(TestVault& vault, const std::string& token) {
  return postWithToken(vault, "/api/sends/access", token);
}

inline Reply askForFile(TestVault& vault, const nlohmann::json& send, const std::string& token) {
  return postWithToken(vault, "/api/sends/access/file/" + send["file"]["id"].get<std::string>(),
                       token);
}

// The protocol without tokens.
inline Reply readOld(TestVault& vault, const nlohmann::json& send,
                     const nlohmann::json& body = nlohmann::json::object()) {
  return vault.postJson("/api/sends/access/" + send["accessId"].get<std::string>(), body);
}

inline Reply askForFileOld(TestVault& vault, const std::string& sendId, const std::string& fileId,
                           const nlohmann::json& body = nlohmann::json::object()) {
  return vault.postJson("/api/sends/" + sendId + "/access/file/" + fileId, body);
}

// The path below the mount of an address the server gave.
inline std::string targetOf(const Reply& reply) {
  const auto url = reply.json()["url"].get<std::string>();
  return url.substr(url.find("/api/"));
}

inline std::string errorType(const Reply& reply) {
  CHECK(reply.status == 400);
  return reply.json()["error"].get<std::string>() + " " +
         reply.json()["send_access_error_type"].get<std::string>();
}

// The files of Sends on the disk.
inline std::size_t sendFiles(TestVault& vault) {
  std::size_t count = 0;
  const auto folder = vault.folder() / "sends";
  if (!std::filesystem::exists(folder)) return 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) ++count;
  return count;
}

}  // namespace coffer::vault::testing
