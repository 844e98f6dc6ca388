// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `webauthn_credentials`: the security keys of a second factor and the passkeys that log in
// by themselves (vault-extras 4.6 and 6). A credential id belongs to one account and one of the two
// kinds for ever. Every query takes the owner, so a stranger's key and a missing one look the same.
//
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

enum class WebAuthnKind { SecondFactor = 0, Passkey = 1 };

// What a passkey needs to unlock the vault as well. EncStrings.
struct PasskeyKeys {
  std::string userKey;
  std::string publicKey;
  std::string privateKey;
};

struct WebAuthnCredential {
  std::string id;  // UUID.
  std::string userId;
  WebAuthnKind kind = WebAuthnKind::SecondFactor;
  std::optional<std::int64_t> slot;  // Second factor: the number its owner's client gave it.
  std::string name;
  std::string credentialId;  // Raw bytes.
  std::string publicKey;     // Raw bytes: docs/formats/vault-database.md.
  int algorithm = 0;         // COSE.
  std::uint32_t signCount = 0;
  std::string aaguid;             // 16 bytes.
  std::string transports = "[]";  // JSON.
  bool migrated = false;          // From U2F: bound to the appid.
  bool backupEligible = false;
  bool backedUp = false;
  bool supportsPrf = false;  // The passkey can be made to unlock.
  std::optional<PasskeyKeys> keys;
  UnixMicros createdAt = 0;
  UnixMicros revisedAt = 0;

  // It unlocks.
  [[nodiscard]] bool isPrfEnabled() const { return supportsPrf && keys.has_value(); }
};

// What an authenticator said when it was used.
struct WebAuthnUse {
  std::uint32_t signCount = 0;
  bool backupEligible = false;
  bool backedUp = false;
};

class WebAuthnStore {
 public:
  explicit WebAuthnStore(Transaction& tx) : db_(tx.connection()) {}

  // By slot, then by id. A handful: callers bound how many there can be.
  std::vector<WebAuthnCredential> list(std::string_view userId, WebAuthnKind kind);
  [[nodiscard]] bool hasAny(std::string_view userId, WebAuthnKind kind);
  std::optional<WebAuthnCredential> find(std::string_view userId, WebAuthnKind kind,
                                         std::string_view credentialId);

  // Throws Conflict when the id or the credential id is taken, by whomever.
  void insert(const WebAuthnCredential& credential);

  // Notes a use when the counter grew, or when the authenticator has none and never had (both are
  // 0). False otherwise: the key may have been copied. Also false when the user has no such key.
  // `id` is the row's.
  [[nodiscard]] bool recordUse(std::string_view userId, std::string_view id, const WebAuthnUse& use,
                               UnixMicros now);

  // All of these: false if the user has no such key.
  [[nodiscard]] bool setKeys(std::string_view userId, std::string_view id, const PasskeyKeys& keys,
                             UnixMicros now);
  // After a new user key: the private key stays as it is.
  [[nodiscard]] bool rotateKeys(std::string_view userId, std::string_view id,
                                std::string_view userKey, std::string_view publicKey,
                                UnixMicros now);
  [[nodiscard]] bool remove(std::string_view userId, WebAuthnKind kind, std::string_view id);

  // Returns how many.
  std::int64_t removeAll(std::string_view userId, WebAuthnKind kind);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
