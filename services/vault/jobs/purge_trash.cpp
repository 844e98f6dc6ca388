// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/jobs/purge_trash.h"

#include "services/vault/files/removed_files.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/cipher_store.h"
#include "storage/stores/user_store.h"

#include <set>
#include <string>

namespace coffer::vault {
namespace {

constexpr std::int64_t kBatch = 200;

}  // namespace

std::uint64_t purgeTrash(const VaultContext& context) {
  if (context.options.trashRetention.count() == 0) return 0;
  const UnixMicros keep =
      std::chrono::duration_cast<std::chrono::microseconds>(context.options.trashRetention).count();
  std::uint64_t total = 0;
  std::set<std::string> owners;
  for (;;) {
    const UnixMicros now = context.clock.now();
    const auto removed = context.database.write([&](storage::Transaction& tx) {
      auto gone = storage::CipherStore(tx).removeTrashedBefore(now - keep, kBatch);
      std::set<std::string> affected;
      for (const auto& cipher : gone) {
        if (cipher.userId) affected.insert(*cipher.userId);
      }
      for (const auto& userId : affected) storage::UserStore(tx).bumpRevision(userId, now);
      return gone;
    });
    for (const auto& cipher : removed) {
      if (cipher.userId) owners.insert(*cipher.userId);
    }
    total += removed.size();
    if (removed.size() < static_cast<std::size_t>(kBatch)) break;
  }
  for (const auto& userId : owners) {
    Update update;
    update.type = UpdateType::Ciphers;
    update.userId = userId;
    update.date = context.clock.now();
    context.notifier.notify(update);
  }
  if (total > 0) removeFilesOfRemovedRows(context);
  return total;
}

}  // namespace coffer::vault
