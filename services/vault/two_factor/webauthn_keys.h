// SPDX-License-Identifier: BSD-2-Clause
//
// The security keys of an account: adding and removing them (vault-extras 4.6). Who may is asked
// before, by set_up.h.
#pragma once

#include "services/vault/vault_context.h"
#include "services/vault/webauthn/client_response.h"
#include "services/vault/webauthn/options_json.h"
#include "storage/stores/webauthn_store.h"

#include <cstdint>
#include <string>
#include <vector>

namespace coffer::vault {

// Clients number keys from 1; the newest let premium accounts have ten.
constexpr std::int64_t kMaxSecurityKeys = 10;

std::vector<storage::WebAuthnCredential> listSecurityKeys(const VaultContext& context,
                                                          const Session& session);

// A new challenge, which voids the one before, and what the browser must know beside it.
struct SecurityKeyRequest {
  std::string challenge;
  std::vector<std::string> known;  // Credential ids.
};
SecurityKeyRequest requestSecurityKey(const VaultContext& context, const Session& session);

struct NewSecurityKey {
  std::int64_t slot = 0;
  std::string name;
  CreationResponse response;
};
// BadRequest when the answer is not to the challenge of requestSecurityKey(), when the slot is
// taken or none, and when the key is registered already.
void addSecurityKey(const VaultContext& context, const Session& session, const RelyingParty& party,
                    const NewSecurityKey& key);

// NotFound when the slot is empty.
void removeSecurityKey(const VaultContext& context, const Session& session, std::int64_t slot);
void removeSecurityKeys(const VaultContext& context, const Session& session);

}  // namespace coffer::vault
