// SPDX-License-Identifier: BSD-2-Clause
//
// Passkeys of an account: adding them, letting them unlock, removing them (vault-extras 6.1). The
// keys with which one unlocks are sealed by the client; the server only keeps them.
#pragma once

#include "services/vault/vault_context.h"
#include "services/vault/webauthn/client_response.h"
#include "services/vault/webauthn/relying_party.h"
#include "storage/stores/webauthn_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

constexpr std::size_t kMaxPasskeys = 5;  // Of one account.

std::vector<storage::WebAuthnCredential> listPasskeys(const VaultContext& context,
                                                      std::string_view userId);

struct NewPasskey {
  std::string name;
  std::string token;  // passkey_tokens.h, Creation.
  CreationResponse response;
  bool supportsPrf = false;  // The client tried it.
  std::optional<storage::PasskeyKeys> keys;
};
// BadRequest when the token or the answer is not good, when the account has kMaxPasskeys, and when
// the passkey is registered already.
void addPasskey(const VaultContext& context, const Session& session, const RelyingParty& party,
                const NewPasskey& passkey);

struct KeySetUpdate {
  std::string token;  // passkey_tokens.h, KeySet.
  AssertionResponse response;
  storage::PasskeyKeys keys;
};
// Lets the passkey that answers unlock. BadRequest when it is not the account's or cannot.
void updateKeySet(const VaultContext& context, const Session& session, const RelyingParty& party,
                  const KeySetUpdate& update);

// `id` is the row's. NotFound when the account has no such passkey.
void removePasskey(const VaultContext& context, const Session& session, std::string_view id);

// The passkey that answered, its user verified, with its use noted. BadRequest otherwise; the
// detail says why.
storage::WebAuthnCredential usePasskey(const VaultContext& context, const RelyingParty& party,
                                       std::string_view userId, std::string_view challengeHash,
                                       const AssertionResponse& response);

}  // namespace coffer::vault
