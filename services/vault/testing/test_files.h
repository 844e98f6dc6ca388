// SPDX-License-Identifier: BSD-2-Clause
//
// Attachments as tests make them, and what lies on the disk.
#pragma once

#include "services/vault/testing/test_items.h"
#include "services/vault/testing/test_vault.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace coffer::vault::testing {

inline nlohmann::json announcement(std::size_t size, int n = 0) {
  return {{"key", sealedText(n)}, {"fileName", sealedText(n + 1)}, {"fileSize", size}};
}

inline std::string attachmentsOf(const std::string& item) {
  return "/api/ciphers/" + item + "/attachment";
}

// Announces only. Its id.
inline std::string announce(const TestClient& client, const std::string& item, std::size_t size) {
  const auto reply = client.post(attachmentsOf(item) + "/v2", announcement(size));
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return reply.json().at("attachmentId");
}

// In both steps. Its id.
inline std::string attach(const TestClient& client, const std::string& item,
                          const std::string& content) {
  const auto id = announce(client, item, content.size());
  const auto reply = client.upload(attachmentsOf(item) + "/" + id, {{"data", content, "whatever"}});
  REQUIRE_MESSAGE(reply.status == 200, reply.body);
  return id;
}

// The path and query of a link; it must lead to the vault.
inline std::string targetOf(const std::string& url) {
  const std::string origin = "https://vault.example.test";
  REQUIRE(url.starts_with(origin + "/"));
  return url.substr(origin.size());
}

// Every file of attachments and Sends, with paths below the vault's folder, in order.
inline std::vector<std::string> filesOf(const TestVault& vault) {
  std::vector<std::string> files;
  for (const char* top : {"attachments", "sends"}) {
    const auto folder = vault.folder() / top;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (!entry.is_directory())
        files.push_back(std::filesystem::relative(entry.path(), vault.folder()).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace coffer::vault::testing
