// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/service_manager.h"

#include "appliance/base/bytes.h"
#include "appliance/base/unique_fd.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace coffer::runtime {
namespace {

std::string takeVariable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value ? value : "";
  ::unsetenv(name);
  return text;
}

// The watchdog is meant for us when WATCHDOG_PID is absent or names this process.
std::chrono::microseconds watchdogOf(const std::string& micros, const std::string& pid) {
  const auto interval = parseUnsigned(micros);
  if (!interval || *interval == 0 || *interval > 86'400'000'000ULL) return {};
  if (!pid.empty() && parseUnsigned(pid) != static_cast<std::uint64_t>(::getpid())) return {};
  return std::chrono::microseconds(*interval);
}

}  // namespace

ServiceManager::ServiceManager(std::string socketPath, std::chrono::microseconds watchdog) {
  const bool usable = socketPath.size() > 1 && socketPath.size() < sizeof(sockaddr_un::sun_path) &&
                      (socketPath[0] == '/' || socketPath[0] == '@');
  if (!usable) return;
  socketPath_ = std::move(socketPath);
  watchdog_ = watchdog;
}

ServiceManager ServiceManager::fromEnvironment() {
  const std::string micros = takeVariable("WATCHDOG_USEC");
  const std::string pid = takeVariable("WATCHDOG_PID");
  return ServiceManager(takeVariable("NOTIFY_SOCKET"), watchdogOf(micros, pid));
}

void ServiceManager::ready(std::string_view status) const {
  send("READY=1\nSTATUS=" + std::string(status));
}

void ServiceManager::reloading() const {
  // The time lets the manager tell this reload from an earlier one (Type=notify-reload).
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                      static_cast<std::uint64_t>(now.tv_nsec) / 1000;
  send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

void ServiceManager::stopping() const { send("STOPPING=1"); }

void ServiceManager::alive() const { send("WATCHDOG=1"); }

void ServiceManager::send(std::string_view message) const {
  if (socketPath_.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socketPath_.data(), socketPath_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socketPath_.size());

  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  const auto* raw = reinterpret_cast<const sockaddr*>(&address);
  [[maybe_unused]] const auto sent =
      ::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL, raw, length);
}

}  // namespace coffer::runtime
