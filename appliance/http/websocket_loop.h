// SPDX-License-Identifier: BSD-2-Clause
//
// The one thread that drives all open WebSockets, with an epoll set of its own. What is to be sent
// is handed to it: nobody else touches a socket, so none needs a lock, and a request that tells a
// thousand clients of a change does not wait for one of them.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/http/poller.h"
#include "appliance/http/small_thread.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace coffer::http {

class Connection;
class WebSocketOutbox;

class WebSocketLoop {
 public:
  explicit WebSocketLoop(std::chrono::milliseconds heartbeat);
  ~WebSocketLoop() { stop(); }

  // Takes a connection over; the thread is started with the first. False when it cannot: then it
  // is still the caller's. Otherwise nothing of it may be touched any more.
  [[nodiscard]] bool adopt(Connection& connection);
  // There is something to send. Threads: any.
  void wake(std::shared_ptr<WebSocketOutbox> outbox);
  // After the last connection has gone. Threads that still wake it do no harm.
  void stop();

  // On the loop's thread: who gets heartbeats.
  void enter(Connection& connection);
  void leave(Connection& connection);
  Poller& poller() { return poller_; }

 private:
  // Calls a member function for an event.
  class Source final : public Pollable {
   public:
    using Call = void (WebSocketLoop::*)(Worker&);
    Source(WebSocketLoop& loop, Call call) : loop_(loop), call_(call) {}
    void onEvent(Worker& worker) override { (loop_.*call_)(worker); }

   private:
    WebSocketLoop& loop_;
    Call call_;
  };

  void onMail(Worker& worker);
  void onTimer(Worker& worker);
  void setTimer(std::chrono::milliseconds every);

  const std::chrono::milliseconds heartbeat_;
  Poller poller_;
  UniqueFd mailEvent_;
  UniqueFd timer_;
  Source mailSource_{*this, &WebSocketLoop::onMail};
  Source timerSource_{*this, &WebSocketLoop::onTimer};
  std::unordered_set<Connection*> sockets_;  // The thread's own.

  std::mutex mutex_;  // Protects what follows.
  std::vector<std::shared_ptr<WebSocketOutbox>> mail_;
  std::unique_ptr<SmallThread> thread_;
};

}  // namespace coffer::http
