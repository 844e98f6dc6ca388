// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/purge_sends.h"

#include "services/vault/files/removed_files.h"
#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/send_code_store.h"
#include "storage/stores/send_store.h"
#include "storage/stores/user_store.h"

#include <cstddef>
#include <set>

namespace coffer::vault {
namespace {

constexpr std::size_t kBatch = 200;
constexpr UnixMicros kAnnouncementLifetime = 2 * kDay;

std::size_t purgeBatch(const VaultContext& context) {
  return context.database.write([&](storage::Transaction& tx) {
    const UnixMicros now = context.clock.now();
    storage::SendCodeStore(tx).removeExpired(now);
    const auto owners = storage::SendStore(tx).purge(now, now - kAnnouncementLifetime, kBatch);
    storage::UserStore users(tx);
    for (const auto& owner : std::set(owners.begin(), owners.end())) users.bumpRevision(owner, now);
    return owners.size();
  });
}

}  // namespace

std::uint64_t purgeSends(const VaultContext& context) {
  std::uint64_t purged = 0;
  std::size_t batch = 0;
  do {
    batch = purgeBatch(context);
    purged += batch;
    if (batch > 0) removeFilesOfRemovedRows(context, batch);
  } while (batch == kBatch);
  return purged;
}

}  // namespace coffer::vault
