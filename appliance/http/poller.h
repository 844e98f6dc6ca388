// SPDX-License-Identifier: BSD-2-Clause
//
// The one epoll set that all workers wait on. Everything in it is armed for one event at a time, so
// that whoever gets the event has the object to itself until it arms it again.
#pragma once

#include "appliance/base/unique_fd.h"

#include <cstdint>

namespace coffer::http {

class Worker;

class Pollable {
 public:
  virtual ~Pollable() = default;
  virtual void onEvent(Worker& worker) = 0;
};

class Poller {
 public:
  Poller();

  // Adds and arms. `events` is EPOLLIN or EPOLLOUT. After it returns another thread may already
  // run onEvent(), and destroy the object: touch nothing of it. False when the kernel refuses.
  [[nodiscard]] bool add(int fd, Pollable& object, std::uint32_t events);
  // Arms again; the same caution.
  void arm(int fd, Pollable& object, std::uint32_t events);
  // Takes it out of the set; for whoever has the object to itself.
  void remove(int fd);
  // Runs events until stop().
  void run(Worker& worker);
  // Makes every run() return.
  void stop();

 private:
  UniqueFd epoll_;
  UniqueFd stopEvent_;
};

}  // namespace coffer::http
