// SPDX-License-Identifier: BSD-2-Clause
//
// Members of the passkey requests (vault-extras 6.1). Errors: BadRequest.
#pragma once

#include "services/vault/json/request_reader.h"
#include "storage/stores/webauthn_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// A required EncString of at most 2000 characters.
std::string readPasskeyKey(const json::Object& form, std::string_view name);

// All three of `encryptedUserKey`, `encryptedPublicKey` and `encryptedPrivateKey`, or nothing when
// there is none of them.
std::optional<storage::PasskeyKeys> findPasskeyKeys(const json::Object& form);
storage::PasskeyKeys readPasskeyKeys(const json::Object& form);

}  // namespace coffer::vault
