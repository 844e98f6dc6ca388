// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `emergency_access`: somebody (the grantor) lets somebody else (the grantee) get at their
// vault in an emergency (vault-extras 3). A change names the status it starts from, so that of two
// at once only the first succeeds.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

enum class EmergencyType : int { View = 0, Takeover = 1 };

enum class EmergencyStatus : int {
  Invited = 0,
  Accepted = 1,
  Confirmed = 2,
  RecoveryInitiated = 3,
  RecoveryApproved = 4,
};

struct EmergencyAccess {
  std::string id;
  std::string grantorId;
  std::optional<std::string> granteeId;  // From acceptance on; before it there is `email`.
  std::optional<std::string> email;
  std::optional<std::string> keyEncrypted;  // The grantor's user key for the grantee's public key.
  EmergencyType type = EmergencyType::View;
  EmergencyStatus status = EmergencyStatus::Invited;
  std::int64_t waitTimeDays = 1;
  std::optional<UnixMicros> recoveryInitiatedAt;
  std::optional<UnixMicros> lastNotificationAt;
  UnixMicros createdAt = 0;
};

// With the person on the other side; nothing of them before acceptance.
struct EmergencyContact {
  EmergencyAccess access;
  std::optional<std::string> email;
  std::optional<std::string> name;
  std::optional<std::string> avatarColor;
};

class EmergencyAccessStore {
 public:
  explicit EmergencyAccessStore(Transaction& tx) : db_(tx.connection()) {}

  void insert(const EmergencyAccess& access);
  std::optional<EmergencyAccess> find(std::string_view id);
  std::vector<EmergencyContact> listByGrantor(std::string_view grantorId);
  std::vector<EmergencyContact> listByGrantee(std::string_view granteeId);
  // Invitations to an address that nobody accepted.
  std::vector<EmergencyAccess> listInvited(std::string_view email);
  // Whether this address is invited or a contact already.
  [[nodiscard]] bool isContact(std::string_view grantorId, std::string_view email);

  // All of these: false when there is no such row, or not in the status it starts from.
  [[nodiscard]] bool update(std::string_view id, EmergencyType type, std::int64_t waitTimeDays,
                            UnixMicros now);
  [[nodiscard]] bool accept(std::string_view id, std::string_view granteeId, UnixMicros now);
  [[nodiscard]] bool confirm(std::string_view id, std::string_view key, UnixMicros now);
  [[nodiscard]] bool initiate(std::string_view id, UnixMicros now);
  [[nodiscard]] bool approve(std::string_view id, UnixMicros now);
  // Nor when the waiting time is not over: it may have begun anew, or been made longer.
  [[nodiscard]] bool approveTimedOut(std::string_view id, UnixMicros now);
  [[nodiscard]] bool reject(std::string_view id, UnixMicros now);
  [[nodiscard]] bool setKey(std::string_view id, std::string_view key, UnixMicros now);
  [[nodiscard]] bool markNotified(std::string_view id, UnixMicros now);
  [[nodiscard]] bool remove(std::string_view id);

  // Initiated, and the waiting time is over.
  std::vector<EmergencyAccess> listTimedOut(UnixMicros now);
  // Initiated, on its last day, and nobody was reminded within a day.
  std::vector<EmergencyAccess> listToRemind(UnixMicros now);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
