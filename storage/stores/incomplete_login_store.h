// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `incomplete_logins`: logins whose password was right and which stopped at the second
// factor. They wait to become a mail to the owner of the account (vault-extras 4.14).
// Lifetime: belongs to one open Transaction. Threads: only the one that runs the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {

struct IncompleteLogin {
  std::string userId;
  std::string deviceIdentifier;  // What it claimed to be; the device need not exist.
  std::string deviceName;
  int deviceType = 14;
  std::string ipAddress;
  UnixMicros createdAt = 0;
};

class IncompleteLoginStore {
 public:
  explicit IncompleteLoginStore(Transaction& tx) : db_(tx.connection()) {}

  // The first try of a device stays, so that trying again does not put the mail off.
  void recordFirst(const IncompleteLogin& login);
  void remove(std::string_view userId, std::string_view deviceIdentifier);  // If there.
  // The very one, and none that came after it; false when it is gone.
  [[nodiscard]] bool removeIfFrom(const IncompleteLogin& login);
  // Those from before `time`, oldest first, at most `limit`.
  std::vector<IncompleteLogin> listBefore(UnixMicros time, std::size_t limit);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
