// SPDX-License-Identifier: BSD-2-Clause
//
// The rules of a login with another device (vault-extras 5). Whoever wants to log in makes a
// request with a public key and a code of its own; a device that is logged in answers it with the
// account's key, wrapped for that public key; the requester shows the code in the place of the
// password. The code is the secret: requests are not tied to an address, since phones change
// theirs.
#pragma once

#include "services/vault/vault_context.h"
#include "storage/stores/auth_request_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {
class Transaction;
}

namespace coffer::vault {

// From its making to the login. An answer that comes later helps nobody.
constexpr UnixMicros kAuthRequestLifetime = 15 * kMinute;
constexpr std::size_t kAccessCodeLength = 25;
// Of one account within the lifetime; one more is refused.
constexpr std::size_t kMaxPendingRequests = 20;

[[nodiscard]] inline bool isOver(const storage::AuthRequest& request, UnixMicros now) {
  return now - request.createdAt >= kAuthRequestLifetime;
}

// Constant time.
[[nodiscard]] bool isAccessCode(const storage::AuthRequest& request, std::string_view code);

// The request, when `code` is its access code and it is not over; nothing for anything else.
std::optional<storage::AuthRequest> findByCode(storage::Transaction& tx, std::string_view id,
                                               std::string_view code, UnixMicros now);

// For devices: the newest unanswered request of each device that is not over.
std::vector<storage::AuthRequest> pendingRequests(storage::Transaction& tx, std::string_view userId,
                                                  UnixMicros now);

// Removes what is over. The job "purge-auth-requests".
std::uint64_t purgeAuthRequests(const VaultContext& context);

}  // namespace coffer::vault
