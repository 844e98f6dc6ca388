// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_bulk.h"

#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/ciphers/cipher_updates.h"
#include "services/vault/files/removed_files.h"
#include "storage/database/database.h"
#include "storage/stores/folder_store.h"
#include "storage/stores/user_store.h"

#include <set>
#include <string_view>
#include <utility>

namespace coffer::vault {
namespace {

using storage::CipherStore;
using storage::Transaction;

// Those of the ids that the caller sees and may change, each once. A list may name what others may
// no longer see; a path may not.
CipherIds permitted(Transaction& tx, const Session& session, const CipherIds& ids,
                    Unknown unknown) {
  CipherStore ciphers(tx);
  CipherIds found;
  std::set<std::string_view> seen;
  for (const auto& id : ids) {
    if (!seen.insert(id).second) continue;
    const auto row = ciphers.find(session.userId, id);
    if (!row && unknown == Unknown::NotFound) throw NotFound(std::string(kNotFoundText));
    if (!row) continue;
    requireEdit(*row);
    found.push_back(id);
  }
  return found;
}

void bump(Transaction& tx, const Session& session, UnixMicros now, const CipherIds& changed) {
  if (!changed.empty()) storage::UserStore(tx).bumpRevision(session.userId, now);
}

std::vector<storage::CipherRow> rowsOf(Transaction& tx, const Session& session,
                                       const CipherIds& ids) {
  CipherStore ciphers(tx);
  std::vector<storage::CipherRow> rows;
  rows.reserve(ids.size());
  for (const auto& id : ids)
    if (auto row = ciphers.find(session.userId, id)) rows.push_back(std::move(*row));
  return rows;
}

CipherIds idsOf(const std::vector<storage::CipherRow>& rows) {
  CipherIds ids;
  ids.reserve(rows.size());
  for (const auto& row : rows) ids.push_back(row.cipher.id);
  return ids;
}

// A route for one item tells of that item, one for many of items.
void tell(const VaultContext& context, const Session& session, Unknown unknown,
          const std::vector<storage::CipherRow>& changed) {
  if (changed.empty()) return;
  if (unknown == Unknown::NotFound) {
    for (const auto& row : changed)
      tellOfItem(context, session, UpdateType::CipherUpdate, row.cipher);
  } else {
    tellOfMany(context, session, UpdateType::Ciphers);
  }
}

}  // namespace

void moveCiphers(const VaultContext& context, const Session& session, const CipherIds& ids,
                 const std::optional<std::string>& folderId) {
  const auto changed = context.database.write([&](Transaction& tx) {
    requireOwnFolder(tx, session.userId, folderId);
    const auto moved = CipherStore(tx).moveToFolder(session.userId, ids, folderId);
    bump(tx, session, context.clock.now(), moved);
    return moved.size() == 1 ? rowsOf(tx, session, moved) : std::vector<storage::CipherRow>();
  });
  if (changed.size() == 1) {
    tellOwnDevices(context, session, changed.front().cipher);
  } else {
    tellOfMany(context, session, UpdateType::Ciphers);
  }
}

void trashCiphers(const VaultContext& context, const Session& session, const CipherIds& ids,
                  Unknown unknown) {
  const auto changed = context.database.write([&](Transaction& tx) {
    const auto targets = permitted(tx, session, ids, unknown);
    const auto now = context.clock.now();
    const auto trashed = CipherStore(tx).trash(session.userId, targets, now);
    bump(tx, session, now, trashed);
    return rowsOf(tx, session, trashed);
  });
  tell(context, session, unknown, changed);
}

void removeCiphers(const VaultContext& context, const Session& session, const CipherIds& ids,
                   Unknown unknown) {
  const auto removed = context.database.write([&](Transaction& tx) {
    auto rows = rowsOf(tx, session, permitted(tx, session, ids, unknown));
    const auto now = context.clock.now();
    bump(tx, session, now, CipherStore(tx).removeForever(session.userId, idsOf(rows)));
    for (auto& row : rows) row.cipher.revisedAt = now;
    return rows;
  });
  if (removed.empty()) return;
  removeFilesOfRemovedRows(context);
  if (unknown == Unknown::NotFound) {
    for (const auto& row : removed)
      tellOfItem(context, session, UpdateType::CipherDelete, row.cipher);
  } else {
    tellOfMany(context, session, UpdateType::Ciphers);
  }
}

std::vector<storage::CipherRow> restoreCiphers(const VaultContext& context, const Session& session,
                                               const CipherIds& ids, Unknown unknown) {
  auto rows = context.database.write([&](Transaction& tx) {
    const auto targets = permitted(tx, session, ids, unknown);
    const auto now = context.clock.now();
    bump(tx, session, now, CipherStore(tx).restore(session.userId, targets, now));
    return rowsOf(tx, session, targets);
  });
  tell(context, session, unknown, rows);
  return rows;
}

std::vector<storage::CipherRow> archiveCiphers(const VaultContext& context, const Session& session,
                                               const CipherIds& ids, Archive archive,
                                               Unknown unknown) {
  const std::string done = archive == Archive::Put ? "archive" : "unarchive";
  auto rows = context.database.write([&](Transaction& tx) {
    if (unknown == Unknown::NotFound)
      for (const auto& id : ids) visibleCipher(tx, session.userId, id);
    const auto now = context.clock.now();
    CipherStore ciphers(tx);
    const auto changed = archive == Archive::Put ? ciphers.archive(session.userId, ids, now)
                                                 : ciphers.unarchive(session.userId, ids, now);
    if (changed.empty() && unknown == Unknown::Ignored)
      throw BadRequest("No ciphers were " + done +
                       "d. Ensure the provided IDs are correct and you have permission to " + done +
                       " them.");
    bump(tx, session, now, changed);
    return rowsOf(tx, session, unknown == Unknown::NotFound ? ids : changed);
  });
  tell(context, session, unknown, rows);
  return rows;
}

void purgeVault(const VaultContext& context, const Session& session) {
  context.database.write([&](Transaction& tx) {
    CipherStore(tx).purge(session.userId);
    storage::FolderStore(tx).removeAll(session.userId);
    storage::UserStore(tx).bumpRevision(session.userId, context.clock.now());
  });
  removeFilesOfRemovedRows(context);
  tellOfMany(context, session, UpdateType::Vault);
}

}  // namespace coffer::vault
