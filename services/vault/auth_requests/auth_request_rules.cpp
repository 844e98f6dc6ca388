// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/auth_requests/auth_request_rules.h"

#include "appliance/base/digest.h"
#include "appliance/base/secret.h"
#include "storage/database/database.h"

#include <set>

namespace coffer::vault {
namespace {

// What one transaction of the purge removes.
constexpr std::int64_t kBatch = 500;

}  // namespace

bool isAccessCode(const storage::AuthRequest& request, std::string_view code) {
  return equalsInConstantTime(sha256(code), request.accessCodeHash);
}

std::optional<storage::AuthRequest> findByCode(storage::Transaction& tx, std::string_view id,
                                               std::string_view code, UnixMicros now) {
  auto request = storage::AuthRequestStore(tx).find(id);
  if (!request || isOver(*request, now) || !isAccessCode(*request, code)) return std::nullopt;
  return request;
}

std::vector<storage::AuthRequest> pendingRequests(storage::Transaction& tx, std::string_view userId,
                                                  UnixMicros now) {
  auto requests = storage::AuthRequestStore(tx).list(userId, now - kAuthRequestLifetime);
  std::set<std::string> devices;
  std::erase_if(requests, [&](const storage::AuthRequest& request) {
    return request.respondedAt || !devices.insert(request.requestDeviceIdentifier).second;
  });
  return requests;
}

std::uint64_t purgeAuthRequests(const VaultContext& context) {
  std::uint64_t total = 0;
  for (;;) {
    const UnixMicros before = context.clock.now() - kAuthRequestLifetime;
    const auto removed = context.database.write([&](storage::Transaction& tx) {
      return storage::AuthRequestStore(tx).removeBefore(before, kBatch);
    });
    total += removed;
    if (removed < static_cast<std::uint64_t>(kBatch)) return total;
  }
}

}  // namespace coffer::vault
