// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/socket_activation.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <sys/socket.h>

#include <cstdlib>
#include <fcntl.h>

namespace coffer::runtime {
namespace {

constexpr std::uint64_t kMostSockets = 64;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

int socketOption(int socket, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

void requireListening(int socket) {
  const bool fits =
      socketOption(socket, SO_TYPE) == SOCK_STREAM && socketOption(socket, SO_ACCEPTCONN) == 1;
  if (fits) return;
  throw UsageError("descriptor " + std::to_string(socket) +
                   " handed over by the service manager is not a listening stream socket");
}

// "a:b:c"; missing names are empty.
std::string nameAt(const std::string& names, std::uint64_t index) {
  std::size_t begin = 0;
  for (; index > 0; --index) {
    begin = names.find(':', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  return names.substr(begin, names.find(':', begin) - begin);
}

}  // namespace

std::vector<InheritedSocket> takeInheritedSockets(int first) {
  const auto pid = parseUnsigned(variable("LISTEN_PID"));
  const auto count = parseUnsigned(variable("LISTEN_FDS"));
  const std::string names = variable("LISTEN_FDNAMES");
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  if (!pid || *pid != static_cast<std::uint64_t>(::getpid()) || !count) return {};
  if (*count > kMostSockets) throw UsageError("LISTEN_FDS is out of range");

  std::vector<InheritedSocket> sockets;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const int fd = first + static_cast<int>(i);
    requireListening(fd);
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    sockets.push_back({UniqueFd(fd), nameAt(names, i)});
  }
  return sockets;
}

}  // namespace coffer::runtime
