// SPDX-License-Identifier: BSD-2-Clause
//
// For tests of the way from an address to a session: a token's claims, an account's row, forms.
#pragma once

#include "appliance/base/bytes.h"
#include "services/vault/testing/test_vault.h"
#include "storage/stores/user_store.h"

#include <nlohmann/json.hpp>

#include <string>

namespace coffer::vault::testing {

inline constexpr const char* kToken = "/identity/connect/token";
// A device that TestVault::signUp() has not used.
inline constexpr const char* kDevice = "aac2e34a-44db-42ab-a733-5322dd582c3d";

// What an access token says; its signature is not looked at.
inline nlohmann::json claimsOf(const std::string& token) {
  const auto first = token.find('.') + 1;
  return nlohmann::json::parse(*fromBase64Url(token.substr(first, token.rfind('.') - first)));
}

inline storage::User userOf(TestVault& vault, const std::string& email) {
  return *vault.database().read(
      [&](storage::Transaction& tx) { return storage::UserStore(tx).findByEmail(email); });
}

// The form of the refresh grant.
inline std::string refreshForm(const std::string& token) {
  return "grant_type=refresh_token&client_id=cli&refresh_token=" + token;
}

}  // namespace coffer::vault::testing
