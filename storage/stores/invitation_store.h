// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `invitations`: addresses that may register although sign-up is closed.
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <string_view>

namespace coffer::storage {

class InvitationStore {
 public:
  explicit InvitationStore(Transaction& tx) : db_(tx.connection()) {}

  // Lower-case addresses. Inviting twice is inviting once.
  void add(std::string_view email, std::string_view invitedBy, UnixMicros now);
  [[nodiscard]] bool has(std::string_view email);
  void remove(std::string_view email);  // Does nothing when there is none.
  // Takes back what this account asked for; what somebody else did stays.
  void withdraw(std::string_view email, std::string_view invitedBy);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
