// SPDX-License-Identifier: BSD-2-Clause
//
// Removes what crashed uploads left behind: our own named temporary files that no live writer has
// locked, and those of restic's rest-server ("<id>.rest-server-temp<digits>") older than a day.
// Only names are read, nothing is stat-ed but what looks like such a file.
#pragma once

#include "appliance/base/clock.h"
#include "storage/blobs/blob_store.h"

#include <cstddef>
#include <functional>
#include <string>

namespace coffer::storage {

// Walks at most `maxDepth` folders deep and follows a link where the store does. `stopped` is asked
// before each folder, so that a shutdown need not wait. Folders that cannot be read are logged and
// skipped. Returns the number of files removed.
std::size_t sweepTemps(BlobStore& store, UnixMicros now, int maxDepth,
                       const std::function<bool()>& stopped);

}  // namespace coffer::storage
