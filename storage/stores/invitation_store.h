// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `invitations`: addresses that may register although sign-up is closed.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <optional>
#include <string_view>

namespace coffer::storage {

class InvitationStore {
 public:
  explicit InvitationStore(Transaction& tx) : db_(tx.connection()) {}

  // Lower-case addresses. Inviting twice is inviting once; the owner of the box, who is nobody in
  // `invitedBy`, takes over what an account asked for.
  void add(std::string_view email, std::optional<std::string_view> invitedBy, UnixMicros now);
  [[nodiscard]] bool has(std::string_view email);
  [[nodiscard]] bool isAnybodyInvited();
  bool remove(std::string_view email);  // False when there was none.
  // Takes back what this account asked for; what somebody else did stays.
  void withdraw(std::string_view email, std::string_view invitedBy);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
