// SPDX-License-Identifier: BSD-2-Clause
//
// Stands in for restic's rest-server: its flags, its lines on standard error, its exit codes, over
// its data folder. Nothing but the restic service and, when asked for, the metrics is served, and
// nothing is written to the data folder that rest-server would not understand.
#pragma once

#include <string>
#include <vector>

namespace coffer::runtime {

// `arguments` without the program's name. Returns the exit code when the server has been stopped,
// or could not begin with its key pair.
int restServer(const std::vector<std::string>& arguments);

}  // namespace coffer::runtime
