// SPDX-License-Identifier: BSD-2-Clause
//
// What other devices are told of items (vault-core 8). Call after the write is durable.
#pragma once

#include "services/vault/access/session.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/vault_context.h"
#include "storage/stores/cipher_store.h"

namespace coffer::vault {

// Everybody who sees the item: its owner. Members of an organization see no item yet.
void tellOfItem(const VaultContext& context, const Session& session, UpdateType type,
                const storage::Cipher& item);

// The caller's devices alone: what changed about the item is the caller's own (folder, favourite,
// archive).
void tellOwnDevices(const VaultContext& context, const Session& session,
                    const storage::Cipher& item);

// The caller's devices fetch what changed: Ciphers, Vault.
void tellOfMany(const VaultContext& context, const Session& session, UpdateType type);

}  // namespace coffer::vault
