// SPDX-License-Identifier: BSD-2-Clause
//
// Challenges that security keys of an account were given: one for each purpose at a time, good for
// one answer, right or wrong. Kept as a hash in one_time_codes.
#pragma once

#include "appliance/base/clock.h"
#include "storage/database/transaction.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

enum class KeyCeremony { Registration, Login };

// Part of the caller's transaction; replaces the one before.
void keepChallenge(storage::Transaction& tx, std::string_view userId, KeyCeremony ceremony,
                   std::string_view challenge, UnixMicros now);

// The SHA-256 of the challenge, which is forgotten here; nothing when there is none, or when it is
// too old.
std::optional<std::string> takeChallenge(storage::Transaction& tx, std::string_view userId,
                                         KeyCeremony ceremony, UnixMicros now);

}  // namespace coffer::vault
