// SPDX-License-Identifier: BSD-2-Clause
//
// What can be done with one item. Each write is one transaction, durable when the call returns, and
// moves the account revision of those who see the item (vault-core 6.9).
//
// Faults: NotFound for an item the caller may not see; BadRequest for what a rule forbids.
// Threads: any; the writes block until the disk has them.
#pragma once

#include "services/vault/ciphers/cipher_form.h"
#include "services/vault/vault_context.h"
#include "storage/stores/cipher_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

storage::CipherRow findCipher(const VaultContext& context, const Session& session,
                              std::string_view id);

// A personal item. An organization the caller is no member of is not found.
storage::CipherRow createCipher(const VaultContext& context, const Session& session,
                                const CipherForm& form);

// Replaces the item as a whole, but for what CipherForm says may be left out. A client from before
// passkeys would drop those of the item without knowing: `knowsPasskeys` (vault-core 5.4).
storage::CipherRow updateCipher(const VaultContext& context, const Session& session,
                                std::string_view id, const CipherForm& form, bool knowsPasskeys);

// What is the caller's own about an item; the item's revision stays.
storage::CipherRow setFolderAndFavorite(const VaultContext& context, const Session& session,
                                        std::string_view id,
                                        const std::optional<std::string>& folderId, bool favorite);

}  // namespace coffer::vault
