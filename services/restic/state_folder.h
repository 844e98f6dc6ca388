// SPDX-License-Identifier: BSD-2-Clause
//
// What the service keeps for itself in the data folder, where no repository can be called so.
#pragma once

#include <string_view>

namespace coffer::restic {

constexpr std::string_view kStateFolder = ".coffer";
constexpr std::string_view kUsageFile = ".coffer/usage";  // usage_file.h
constexpr std::string_view kSweepMark = ".coffer/swept";  // Its age says when a sweep last ended.
constexpr std::string_view kTrashFolder =
    ".coffer/trash";  // Deleted repositories on their way out.

}  // namespace coffer::restic
