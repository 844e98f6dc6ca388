// SPDX-License-Identifier: BSD-2-Clause
//
// Removes for good what has been in the trash for as long as the owner of the box allows
// (VaultOptions::trashRetention), with its files.
#pragma once

#include <cstdint>

namespace coffer::vault {

struct VaultContext;

// Returns how many items went; none when they are kept for ever.
std::uint64_t purgeTrash(const VaultContext& context);

}  // namespace coffer::vault
