// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/poller.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/http/worker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>

namespace coffer::http {

Poller::Poller()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), stopEvent_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_ || !stopEvent_) throwSystemFault("epoll_create1");
  epoll_event event{};
  event.events = EPOLLIN;  // Stays readable, so that every worker sees it.
  event.data.ptr = nullptr;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stopEvent_.get(), &event) != 0) {
    throwSystemFault("epoll_ctl");
  }
}

bool Poller::add(int fd, Pollable& object, std::uint32_t events) {
  epoll_event event{};
  event.events = events | EPOLLONESHOT;
  event.data.ptr = &object;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::arm(int fd, Pollable& object, std::uint32_t events) {
  epoll_event event{};
  event.events = events | EPOLLONESHOT;
  event.data.ptr = &object;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Poller::remove(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void Poller::run(Worker& worker) {
  for (;;) {
    // One event at a time: what a worker has taken, no other worker can help with.
    epoll_event event{};
    const int count = ::epoll_wait(epoll_.get(), &event, 1, -1);
    if (count < 0) {
      if (errno == EINTR) continue;
      log::error("http", "epoll_wait failed", {{"errno", errno}});
      return;
    }
    if (count == 0) continue;
    if (event.data.ptr == nullptr) return;
    worker.beginTurn();
    static_cast<Pollable*>(event.data.ptr)->onEvent(worker);
  }
}

void Poller::stop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stopEvent_.get(), &one, sizeof one);
}

}  // namespace coffer::http
