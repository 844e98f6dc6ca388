// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/jobs/purge_expired.h"

#include "services/vault/vault_context.h"
#include "storage/database/database.h"
#include "storage/stores/expiry_store.h"

namespace coffer::vault {
namespace {

// What one transaction removes; other writers wait no longer than that takes.
constexpr std::int64_t kBatch = 500;

}  // namespace

std::uint64_t purgeExpired(const VaultContext& context) {
  std::uint64_t total = 0;
  for (;;) {
    const UnixMicros now = context.clock.now();
    const auto removed = context.database.write([&](storage::Transaction& tx) {
      return storage::ExpiryStore(tx).removeExpired(now, kBatch);
    });
    total += removed;
    if (removed < static_cast<std::uint64_t>(kBatch)) return total;
  }
}

}  // namespace coffer::vault
