// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `auth_requests`: somebody wants to log in with the help of a device that already is
// (vault-extras 5). Every query that changes one says in its condition what must still hold, so
// that of two at once only the first succeeds. Lifetime: belongs to one open Transaction. Threads:
// only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct AuthRequest {
  std::string id;
  std::string userId;
  int type = 0;  // 0: authenticate and unlock, 1: unlock.
  std::string requestDeviceIdentifier;
  int requestDeviceType = 14;
  std::string requestIp;
  std::string accessCodeHash;  // SHA-256, raw.
  std::string publicKey;       // Base64 of the requester's key, which the answer is wrapped for.
  std::string origin;
  std::optional<std::string> responseDeviceIdentifier;
  std::optional<std::string> key;
  std::optional<std::string> masterPasswordHash;
  std::optional<bool> approved;
  UnixMicros createdAt = 0;
  std::optional<UnixMicros> respondedAt;
  std::optional<UnixMicros> authenticatedAt;  // It has logged somebody in.
};

struct AuthAnswer {
  bool approved = false;
  std::optional<std::string> key;
  std::optional<std::string> masterPasswordHash;
  std::string deviceIdentifier;
};

class AuthRequestStore {
 public:
  explicit AuthRequestStore(Transaction& tx) : db_(tx.connection()) {}

  void insert(const AuthRequest& request);
  [[nodiscard]] bool isKnown(std::string_view id);
  std::optional<AuthRequest> find(std::string_view id);
  std::optional<AuthRequest> find(std::string_view userId, std::string_view id);
  // Made after `since`, the newest first.
  std::vector<AuthRequest> list(std::string_view userId, UnixMicros since);

  // False when it was answered before, or is gone.
  [[nodiscard]] bool answer(std::string_view id, const AuthAnswer& answer, UnixMicros now);
  // Lets the request log in once. False unless it was approved and never used.
  [[nodiscard]] bool use(std::string_view id, UnixMicros now);

  // At most `most` rows from before `time`; returns how many.
  std::uint64_t removeBefore(UnixMicros time, std::int64_t most);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
