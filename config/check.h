// SPDX-License-Identifier: BSD-2-Clause
//
// Rules that no single setting can break: contradictions are errors, what is probably not meant is
// a warning. Looks at the settings only, never at the disk or the network.
#pragma once

#include "config/load.h"
#include "config/problems.h"
#include "config/settings.h"

namespace coffer::config {

// Adds to `problems`. `sources` says where each setting came from.
void check(const Settings& settings, const Sources& sources, Problems& problems);

}  // namespace coffer::config
