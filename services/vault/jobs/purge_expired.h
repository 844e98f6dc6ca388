// SPDX-License-Identifier: BSD-2-Clause
//
// Removes what is only kept until its time is over: mailed codes, challenges, tokens that were
// used, logins that were sent to Duo.
#pragma once

#include <cstdint>

namespace coffer::vault {

struct VaultContext;

// Returns how many rows went.
std::uint64_t purgeExpired(const VaultContext& context);

}  // namespace coffer::vault
