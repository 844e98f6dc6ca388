// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `auth_requests`: somebody who wants to log in and waits for another of the person's
// devices to say yes (vault-extras section 5). Lifetime: belongs to one open Transaction. Threads:
// only the one that runs the transaction.
#pragma once

#include "storage/database/transaction.h"

#include <string_view>

namespace coffer::storage {

class AuthRequestStore {
 public:
  explicit AuthRequestStore(Transaction& tx) : db_(tx.connection()) {}

  [[nodiscard]] bool isKnown(std::string_view id);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
