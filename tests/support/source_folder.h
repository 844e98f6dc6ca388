// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace coffer {

// The source tree that the running test was built from, for tests of what is written in docs/.
std::string sourceFolder();

}  // namespace coffer
