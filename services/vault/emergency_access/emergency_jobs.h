// SPDX-License-Identifier: BSD-2-Clause
//
// What time does to emergency access (vault-extras 3.7). Harmless when run twice: each step is
// taken once, in the transaction that also queues its mails.
#pragma once

#include <cstdint>

namespace coffer::vault {

struct VaultContext;

// Grants requests whose waiting time is over. Returns how many.
std::uint64_t grantTimedOutRequests(const VaultContext& context);

// Reminds grantors on the last day. Returns how many; none without mail.
std::uint64_t remindGrantors(const VaultContext& context);

}  // namespace coffer::vault
