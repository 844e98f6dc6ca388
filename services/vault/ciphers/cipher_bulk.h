// SPDX-License-Identifier: BSD-2-Clause
//
// What can be done with many items at once: one transaction, so all or nothing is on the disk when
// the call returns. The routes for one item use the same with a list of one.
//
// Every right is checked before the first write. The account revision moves when anything changed.
// Threads: any; the calls block until the disk has them.
#pragma once

#include "services/vault/vault_context.h"
#include "storage/stores/cipher_store.h"

#include <optional>
#include <string>
#include <vector>

namespace coffer::vault {

using CipherIds = std::vector<std::string>;

// What an id means that the caller may not see. Ignored in lists; in a path it is a 404.
enum class Unknown { Ignored, NotFound };

enum class Archive { Put, Take };

// Nothing: out of their folders. Throws BadRequest for a folder that is not the caller's.
void moveCiphers(const VaultContext& context, const Session& session, const CipherIds& ids,
                 const std::optional<std::string>& folderId);

void trashCiphers(const VaultContext& context, const Session& session, const CipherIds& ids,
                  Unknown unknown);

// For good.
void removeCiphers(const VaultContext& context, const Session& session, const CipherIds& ids,
                   Unknown unknown);

// The items as they are now, those that were not in the trash included.
std::vector<storage::CipherRow> restoreCiphers(const VaultContext& context, const Session& session,
                                               const CipherIds& ids, Unknown unknown);

// Ignored: the items that changed, and BadRequest when there is none. NotFound: all of them as they
// are now.
std::vector<storage::CipherRow> archiveCiphers(const VaultContext& context, const Session& session,
                                               const CipherIds& ids, Archive archive,
                                               Unknown unknown);

// Every personal item and every folder of the caller, for good.
void purgeVault(const VaultContext& context, const Session& session);

}  // namespace coffer::vault
