// SPDX-License-Identifier: BSD-2-Clause
//
// Takes the files of rows that are gone off the disk. A trigger of the database notes the path of
// every attachment and Send file whose row is deleted, in the same transaction and whatever deleted
// it, so that neither a crash nor a new way of deleting leaves a file behind.
#pragma once

#include <cstddef>
#include <cstdint>

namespace coffer::vault {

struct VaultContext;

// Removes up to `most` files and forgets their notes. Returns how many. Harmless when run twice or
// side by side. Blocks: after a delete on the disk lane with a small `most`; the job does the rest.
// Throws no Fault: the rows are gone for good, whatever the disk says now; it is logged.
std::uint64_t removeFilesOfRemovedRows(const VaultContext& context, std::size_t most = 64);

}  // namespace coffer::vault
