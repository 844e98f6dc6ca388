// SPDX-License-Identifier: BSD-2-Clause
//
// The job "sweep-files": what crashes and uploads that never came leave behind.
#pragma once

#include <cstdint>

namespace coffer::vault {

struct VaultContext;

// Removes files of attachments and Sends that no row knows and that are older than a day, each with
// a line in the log; attachments announced more than two days ago whose file never came; unfinished
// uploads of processes that are gone; folders of items and Sends that are gone, a day later.
// Returns how many files and announcements went. Harmless when run twice, and beside uploads.
std::uint64_t sweepFiles(const VaultContext& context);

}  // namespace coffer::vault
