// SPDX-License-Identifier: BSD-2-Clause
//
// The program's command line: `coffer …`, and rest-server's when it is called by that name.
#pragma once

namespace coffer::runtime {

// Parses, runs the command and returns the exit code: 0 done, 1 it failed, 2 the command line is
// wrong, 3 something that was asked for does not exist (a user, a repository).
int run(int argc, char** argv);

}  // namespace coffer::runtime
