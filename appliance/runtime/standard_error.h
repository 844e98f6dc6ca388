// SPDX-License-Identifier: BSD-2-Clause
//
// Lines that scripts wait for: on standard error wherever the log goes, each written whole at once.
#pragma once

#include <string>

namespace coffer::runtime {

void say(const std::string& text);
void sayLine(const std::string& line);  // Adds the line end.

}  // namespace coffer::runtime
