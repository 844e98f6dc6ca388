// SPDX-License-Identifier: BSD-2-Clause
#include "tests/support/source_folder.h"

// The only file that the build tells where it is: all others compile to the same wherever a clone
// lies, so that the compiler's cache serves every clone.
std::string coffer::sourceFolder() { return COFFER_SOURCE_DIR; }
