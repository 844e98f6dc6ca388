// SPDX-License-Identifier: BSD-2-Clause
//
// Codes of a few digits that are mailed to a person and typed back (vault-extras 4.5 and 4.13,
// vault-core 3.7 and 4.4). One for each account and purpose at a time; used up by the right answer,
// by too many wrong ones, and by time. Kept as a hash.
//
// So few digits can be guessed: whoever calls check() limits how often it can be called as well.
//
// Lifetime: belongs to one open Transaction that may write. Counting a wrong try is part of it: do
// not throw it away by an exception that leaves the transaction.
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/vault_options.h"
#include "storage/stores/one_time_code_store.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// Every code of so many digits is equally likely.
std::string randomDigits(std::size_t count);

enum class CodePurpose {
  EmailFactorSetUp,
  EmailFactorLogin,
  ProtectedAction,
  NewDevice,
  EmailChange
};

enum class CodeCheck {
  Right,
  Wrong,
  None
};  // None: nothing was sent, or it is used up or too old.

class OneTimeCodes {
 public:
  OneTimeCodes(storage::Transaction& tx, const CodeOptions& options, UnixMicros now)
      : tx_(tx), options_(options), now_(now) {}

  // A new code in clear, which replaces the one before. Tries at that one that were wrong stay
  // counted, unless its time is over or they used it up. `data` is kept with it: the address it
  // goes to.
  std::string issue(std::string_view userId, CodePurpose purpose, std::string_view data = {});
  // When the last one was sent, unless its time is over; also when wrong tries used it up.
  std::optional<UnixMicros> sentAt(std::string_view userId, CodePurpose purpose);
  // What was kept with it, unless its time is over or it is used up.
  std::optional<std::string> data(std::string_view userId, CodePurpose purpose);
  // Right removes it; wrong counts, and uses it up at the limit.
  CodeCheck check(std::string_view userId, CodePurpose purpose, std::string_view code);
  // As check(), but the right answer leaves it usable once more: "check and keep" of
  // vault-extras 0.2.
  CodeCheck checkAndKeep(std::string_view userId, CodePurpose purpose, std::string_view code);
  void discard(std::string_view userId, CodePurpose purpose);

 private:
  // The one that may still be right.
  std::optional<storage::OneTimeCode> findUsable(std::string_view userId, CodePurpose purpose);

  storage::Transaction& tx_;
  const CodeOptions& options_;
  const UnixMicros now_;
};

}  // namespace coffer::vault
