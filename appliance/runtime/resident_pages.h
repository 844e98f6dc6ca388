// SPDX-License-Identifier: BSD-2-Clause
//
// Gives back what only start-up needed. Loading a configuration, migrating a database and making
// certificates touch many pages of code, the libraries' above all, that serving never looks at
// again; mapped, they are the last that a small box reclaims.
#pragma once

#include <cstddef>

namespace coffer::runtime {

// Returns free heap to the kernel and unmaps the pages of program and library files that were never
// written to. Whatever is still used comes back from the page cache at its next use, for about a
// microsecond each. Safe while other threads run. Returns the bytes of file mappings let go of; 0
// where /proc is not there.
std::size_t releaseStartupPages();

}  // namespace coffer::runtime
