// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/standard_error.h"

#include <unistd.h>

namespace coffer::runtime {

void say(const std::string& text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

void sayLine(const std::string& line) { say(line + "\n"); }

}  // namespace coffer::runtime
