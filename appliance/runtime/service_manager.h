// SPDX-License-Identifier: BSD-2-Clause
//
// What the program tells the service manager that started it: ready, reloading, stopping, still
// alive. One datagram a message to $NOTIFY_SOCKET, as sd_notify(3) describes; without that variable
// nothing is sent and nothing costs.
//
// Threads: safe from any. A message that cannot be sent is dropped: the manager has its time-outs.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace coffer::runtime {

class ServiceManager {
 public:
  ServiceManager() = default;  // Nobody to tell.
  // `socketPath` begins with '/', or with '@' for the abstract namespace. A path that fits no
  // socket address counts as none. `watchdog` 0: nobody waits for signs of life.
  explicit ServiceManager(std::string socketPath, std::chrono::microseconds watchdog = {});

  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID and removes them from the environment, so
  // that no child speaks in our name. Call before other threads start.
  static ServiceManager fromEnvironment();

  [[nodiscard]] bool isPresent() const { return !socketPath_.empty(); }
  // How long the manager waits for aliveness before it restarts the program; 0: it does not.
  std::chrono::microseconds watchdog() const { return watchdog_; }

  void ready(std::string_view status) const;
  void reloading() const;  // ready() ends it.
  void stopping() const;
  void alive() const;

 private:
  void send(std::string_view message) const;

  std::string socketPath_;
  std::chrono::microseconds watchdog_{};
};

}  // namespace coffer::runtime
