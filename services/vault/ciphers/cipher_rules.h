// SPDX-License-Identifier: BSD-2-Clause
//
// The rules that several operations on items share. Each runs inside the transaction of its
// operation and throws what the client is told (vault-core 6.4, 6.5, 6.7).
#pragma once

#include "services/vault/access/session.h"
#include "services/vault/ciphers/cipher_form.h"
#include "storage/stores/cipher_store.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

inline constexpr std::string_view kNotFoundText = "Resource not found.";

// Throws NotFound for an item the user may not see, which is the same as one that does not exist.
storage::CipherRow visibleCipher(storage::Transaction& tx, std::string_view userId,
                                 std::string_view id);

void requireEdit(const storage::CipherRow& row);

// Folders are everybody's own: throws BadRequest for one that is not.
void requireOwnFolder(storage::Transaction& tx, std::string_view userId,
                      const std::optional<std::string>& folderId);

// The client sealed the item for this account, and with the key this account has now: a client that
// missed a change of either would write what no other can read.
void requireSealedFor(const Session& session, const CipherForm& form);
void requireSealedByCurrentKey(storage::Transaction& tx, const Session& session,
                               const CipherForm& form);
// The two halves of that, for many items at the cost of one look. Nothing is known of the key of an
// account whose clients never named one.
std::optional<std::string> currentKeyId(storage::Transaction& tx, const Session& session);
void requireSealedBy(const std::optional<std::string>& keyId, const CipherForm& form);

// Refuses an item that holds passkeys.
void requireNoPasskeys(const storage::Cipher& stored);

// Refuses a change made to an older copy than the stored one. A second is tolerated, since some
// clients keep dates to the second only.
void requireUpToDate(std::optional<UnixMicros> lastKnownRevision, const storage::Cipher& stored);

// Whether a reader set anything: what they did not is not stored.
[[nodiscard]] inline bool hasState(const storage::CipherUserState& state) {
  return state.folderId || state.favorite || state.archivedAt;
}

// Moves on even where the clock does not: at least a millisecond, the clients' unit.
constexpr UnixMicros nextRevision(UnixMicros previous, UnixMicros now) {
  return std::max(now, previous + 1000);
}

}  // namespace coffer::vault
