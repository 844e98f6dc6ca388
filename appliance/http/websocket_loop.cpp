// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/websocket_loop.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/http/connection.h"
#include "appliance/http/websocket_outbox.h"
#include "appliance/http/worker.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <cstdint>
#include <unistd.h>

namespace coffer::http {

WebSocketLoop::WebSocketLoop(std::chrono::milliseconds heartbeat)
    : heartbeat_(heartbeat),
      mailEvent_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!mailEvent_ || !timer_ || !poller_.add(mailEvent_.get(), mailSource_, EPOLLIN) ||
      !poller_.add(timer_.get(), timerSource_, EPOLLIN)) {
    throwSystemFault("eventfd");
  }
}

bool WebSocketLoop::adopt(Connection& connection) {
  try {
    const std::lock_guard lock(mutex_);
    if (!thread_) {
      thread_ = std::make_unique<SmallThread>("websocket", [this] {
        Worker worker(Worker::Kind::Io);
        poller_.run(worker);
      });
    }
  } catch (const Fault& fault) {
    log::error("http", "no thread for WebSockets", {{"reason", fault.what()}});
    return false;
  }
  // Being writable brings it to the thread at once.
  return poller_.add(connection.fd(), connection, EPOLLOUT);
}

void WebSocketLoop::wake(std::shared_ptr<WebSocketOutbox> outbox) {
  {
    const std::lock_guard lock(mutex_);
    mail_.push_back(std::move(outbox));
    if (mail_.size() > 1) return;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(mailEvent_.get(), &one, sizeof one);
}

void WebSocketLoop::onMail(Worker& worker) {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(mailEvent_.get(), &count, sizeof count);
  std::vector<std::shared_ptr<WebSocketOutbox>> mail;
  {
    const std::lock_guard lock(mutex_);
    mail.swap(mail_);
  }
  for (const auto& outbox : mail) {
    outbox->noticed();
    if (Connection* connection = outbox->connection()) connection->onEvent(worker);
  }
  poller_.arm(mailEvent_.get(), mailSource_, EPOLLIN);
}

void WebSocketLoop::onTimer(Worker&) {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const auto got = ::read(timer_.get(), &expirations, sizeof expirations);
  // Only queues: what is sent, or closed, comes back as mail.
  for (Connection* connection : sockets_) connection->onHeartbeat();
  if (sockets_.empty()) setTimer(std::chrono::milliseconds(0));
  poller_.arm(timer_.get(), timerSource_, EPOLLIN);
}

void WebSocketLoop::enter(Connection& connection) {
  if (sockets_.empty()) setTimer(heartbeat_);
  sockets_.insert(&connection);
}

void WebSocketLoop::leave(Connection& connection) { sockets_.erase(&connection); }

void WebSocketLoop::setTimer(std::chrono::milliseconds every) {
  itimerspec times{};
  times.it_value.tv_sec = every.count() / 1000;
  times.it_value.tv_nsec = every.count() % 1000 * 1'000'000;
  times.it_interval = times.it_value;
  ::timerfd_settime(timer_.get(), 0, &times, nullptr);
}

void WebSocketLoop::stop() {
  std::unique_ptr<SmallThread> ending;  // Joins.
  {
    const std::lock_guard lock(mutex_);
    ending.swap(thread_);
  }
  poller_.stop();
}

}  // namespace coffer::http
