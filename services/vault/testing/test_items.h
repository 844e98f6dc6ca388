// SPDX-License-Identifier: BSD-2-Clause
//
// Items and folders as tests send them.
#pragma once

#include "services/vault/testing/test_vault.h"

#include <nlohmann/json.hpp>

#include <string>

namespace coffer::vault::testing {

// A login, with `more` members merged in. `n` makes names differ.
inline nlohmann::json loginItem(int n = 0, const nlohmann::json& more = nlohmann::json::object()) {
  nlohmann::json item = {{"type", 1},
                         {"name", sealedText(n)},
                         {"notes", nullptr},
                         {"favorite", false},
                         {"reprompt", 0},
                         {"login",
                          {{"username", sealedText(n + 1)},
                           {"password", sealedText(n + 2)},
                           {"totp", nullptr},
                           {"uris", {{{"uri", sealedText(n + 3)}, {"match", nullptr}}}}}}};
  item.update(more);
  return item;
}

// Its id.
inline std::string addItem(const TestClient& client, const nlohmann::json& item = loginItem()) {
  const auto reply = client.post("/api/ciphers", item);
  return reply.json().at("id").get<std::string>();
}

inline std::string addFolder(const TestClient& client, int n = 0) {
  return client.post("/api/folders", {{"name", sealedText(n)}}).json().at("id").get<std::string>();
}

inline const std::string kUnusedId = "0f01a66f-7802-42bc-9647-a82600f11e10";

}  // namespace coffer::vault::testing
