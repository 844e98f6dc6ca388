// SPDX-License-Identifier: BSD-2-Clause
//
// Listening sockets handed over by systemd, as sd_listen_fds(3) describes: LISTEN_PID is this
// process, LISTEN_FDS counts descriptors from 3 on, LISTEN_FDNAMES may name them.
#pragma once

#include "appliance/base/unique_fd.h"

#include <string>
#include <vector>

namespace coffer::runtime {

struct InheritedSocket {
  UniqueFd socket;   // Listening, close-on-exec.
  std::string name;  // FileDescriptorName= of the socket unit; "" when none was given.
};

// Takes the sockets and removes the variables from the environment. Empty when there are none or
// they are meant for another process. Throws UsageError when what was handed over is not a
// listening stream socket. Call once, before other threads start. `first` differs in tests only.
std::vector<InheritedSocket> takeInheritedSockets(int first = 3);

}  // namespace coffer::runtime
