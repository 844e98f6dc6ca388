// SPDX-License-Identifier: BSD-2-Clause
//
// A new user key: the client seals everything anew and sends all of it in one request
// (vault-core 4.6). Either every item, folder and key is replaced, or nothing is: what was left out
// could never be read again, so a request that misses anything is refused.
#pragma once

#include "services/vault/accounts/key_rotation_parts.h"
#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"

#include <optional>
#include <string>
#include <vector>

namespace coffer::vault {

struct KeyRotation {
  std::string oldPasswordHash;
  std::optional<std::string> newPasswordHash;  // Nothing: the password stays.
  std::string userKey;
  std::string privateKey;
  std::optional<std::string> userKeyId;
  std::optional<std::optional<std::string>> hint;  // Nothing: stays.
  std::vector<RotationPart> parts;
};

// `rotate-user-account-keys`. Refuses a change of KDF, address or RSA pair.
KeyRotation readKeyRotation(const json::Object& form, const Session& session,
                            const storage::User& user, const VaultOptions& options);
// `/accounts/key` of old clients, which keeps the password.
KeyRotation readOldKeyRotation(const json::Object& form, const Session& session,
                               const VaultOptions& options);

// Checks the password, then replaces everything in one transaction; every session ends. Hash lane.
void rotateKeys(const VaultContext& context, const Session& session, const KeyRotation& rotation);

}  // namespace coffer::vault
