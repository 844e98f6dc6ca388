// SPDX-License-Identifier: BSD-2-Clause
//
// Rows of `two_factor_providers`: the second factors an account has set up, one for each kind. What
// stands in `data` is the kind's own text: nothing here looks inside it.
//
// A row that is there but not enabled is a set-up that was begun and counts for nothing; find() and
// list() show it, isEnabled() and hasAny() do not.
//
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

struct TwoFactorRow {
  std::string userId;
  int type = 0;  // The protocol's number (vault-extras 4.1).
  bool enabled = true;
  std::string data;
  std::int64_t lastUsed = 0;  // An authenticator's last accepted time step; else the kind's own.
  UnixMicros createdAt = 0;
  UnixMicros revisedAt = 0;
};

class TwoFactorStore {
 public:
  explicit TwoFactorStore(Transaction& tx) : db_(tx.connection()) {}

  std::optional<TwoFactorRow> find(std::string_view userId, int type);
  std::vector<TwoFactorRow> list(std::string_view userId);  // By type.
  [[nodiscard]] bool isEnabled(std::string_view userId, int type);
  // Any kind at all, security keys without a row of their own included.
  [[nodiscard]] bool hasAny(std::string_view userId);

  // Inserts the row, or puts it in the place of the one there is, whose createdAt stays.
  void put(const TwoFactorRow& row);

  // Of all that try to move an enabled row to the same value, one gets true: the value must be
  // greater than the one kept. False as well when `data` is no longer what it was when the caller
  // looked.
  [[nodiscard]] bool raiseLastUsed(std::string_view userId, int type, std::string_view data,
                                   std::int64_t value);

  [[nodiscard]] bool remove(std::string_view userId, int type);  // False if there was none.
  std::int64_t removeAll(std::string_view userId);

 private:
  Connection& db_;
};

}  // namespace coffer::storage
