// SPDX-License-Identifier: BSD-2-Clause
//
// The job "purge-sends" (vault-extras 2.12).
#pragma once

#include <cstdint>

namespace coffer::vault {

struct VaultContext;

// Removes Sends whose deletion date has passed, those whose file was announced more than two days
// ago and never came, and codes whose time is over. A bounded number in each transaction, so that
// nobody waits for long. The owners' clients see it at their next sync. Returns how many Sends
// went; their files go as well.
std::uint64_t purgeSends(const VaultContext& context);

}  // namespace coffer::vault
