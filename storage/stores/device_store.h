// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `devices`: the installations a user has logged in from, each with its own session
// (vault-core section 4.7). A device is named by the identifier its client made up, unique per
// user. Tokens are kept as SHA-256 (32 raw bytes) of what the client holds, so a stolen database
// logs nobody in. Lifetime: belongs to one open Transaction. Threads: only the one that runs the
// transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct Device {
  std::string userId;
  std::string identifier;
  int type = 14;  // vault-core section 4.9.
  std::string name;
  std::optional<std::string> pushToken;
  std::optional<std::string> pushUuid;

  std::optional<std::string> refreshHash;
  std::optional<UnixMicros> refreshExpiresAt;
  std::optional<std::string> rememberHash;  // "Remember me" of the second factor.
  std::optional<UnixMicros> rememberExpiresAt;

  // Trusted devices: what lets this one unlock without the password. EncStrings.
  std::optional<std::string> encryptedUserKey;
  std::optional<std::string> encryptedPublicKey;
  std::optional<std::string> encryptedPrivateKey;

  UnixMicros createdAt = 0;
  UnixMicros lastSeenAt = 0;
};

struct DeviceLogin {
  std::string userId;
  std::string identifier;
  int type = 14;
  std::string name;
  UnixMicros now = 0;
};

class DeviceStore {
 public:
  explicit DeviceStore(Transaction& tx) : db_(tx.connection()) {}

  // Makes the device known or marks it seen; type and name stay those of the first login.
  // True if it was not known before.
  bool recordLogin(const DeviceLogin& login);

  std::optional<Device> find(std::string_view userId, std::string_view identifier);
  std::vector<Device> list(std::string_view userId);  // Last seen first.
  [[nodiscard]] bool isKnown(std::string_view userId, std::string_view identifier);

  // The device that holds the token, whoever it belongs to; also by the one before the last
  // rotation. The caller checks refreshExpiresAt.
  std::optional<Device> findByRefreshHash(std::string_view hash);

  // All of these: false if the user has no such device.
  // The token set before keeps working until the next rotation, because a client that never saw
  // the answer repeats its request with it; unless it had expired, which stays so.
  [[nodiscard]] bool rotateRefresh(std::string_view userId, std::string_view identifier,
                                   std::string_view hash, UnixMicros expiresAt, UnixMicros now);
  [[nodiscard]] bool extendRefresh(std::string_view userId, std::string_view identifier,
                                   UnixMicros expiresAt, UnixMicros now);  // Also marks it seen.
  [[nodiscard]] bool setRemember(std::string_view userId, std::string_view identifier,
                                 std::optional<std::string_view> hash, UnixMicros expiresAt);
  [[nodiscard]] bool setPushToken(std::string_view userId, std::string_view identifier,
                                  std::optional<std::string_view> token,
                                  std::optional<std::string_view> pushUuid);
  // A web push subscription as JSON.
  [[nodiscard]] bool setWebPush(std::string_view userId, std::string_view identifier,
                                std::string_view subscription);
  [[nodiscard]] bool setTrust(std::string_view userId, std::string_view identifier,
                              std::optional<std::string_view> encryptedUserKey,
                              std::optional<std::string_view> encryptedPublicKey,
                              std::optional<std::string_view> encryptedPrivateKey);
  // What the client says it is now.
  [[nodiscard]] bool describe(std::string_view userId, std::string_view identifier, int type,
                              std::string_view name);
  [[nodiscard]] bool touch(std::string_view userId, std::string_view identifier, UnixMicros now);
  [[nodiscard]] bool remove(std::string_view userId, std::string_view identifier);

  // By whoever holds the identifier; anonymous routes ask so.
  std::vector<std::string> listPushUuids(std::string_view identifier);
  void clearPushToken(std::string_view identifier);
  std::int64_t removeAll(std::string_view userId);
  // Ends every session but leaves the devices known: refresh and remember tokens are forgotten.
  std::int64_t forgetTokens(std::string_view userId);
  // Every device of the user is asked for the second factor again.
  std::int64_t forgetRemembered(std::string_view userId);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
