// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/connection_registry.h"

#include "appliance/base/fault.h"
#include "appliance/http/connection.h"
#include "appliance/http/worker.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <malloc.h>

namespace coffer::http {
namespace {

// The rest is for the files that requests open: without it, whoever opens enough connections takes
// the disk away from everybody who is let in.
std::size_t withinDescriptors(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  return std::min(wanted, static_cast<std::size_t>(limit.rlim_cur / 4 * 3));
}

void setTimer(int fd, int seconds) {
  itimerspec every{};
  every.it_value.tv_sec = seconds;
  every.it_interval.tv_sec = seconds;
  ::timerfd_settime(fd, 0, &every, nullptr);
}

}  // namespace

std::size_t ConnectionRegistry::KeyHash::operator()(const std::array<unsigned char, 8>& key) const {
  std::uint64_t value = 0;
  std::memcpy(&value, key.data(), key.size());
  return std::hash<std::uint64_t>{}(value * 0x9e3779b97f4a7c15U);
}

ConnectionRegistry::ConnectionRegistry(const ServerOptions& options, ServerMetrics& metrics,
                                       Poller& poller)
    : maxTotal_(withinDescriptors(options.maxConnections)),
      maxPerAddress_(options.maxConnectionsPerAddress),
      metrics_(metrics),
      poller_(poller),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (!timer_ || !poller_.add(timer_.get(), *this, EPOLLIN)) throwSystemFault("timerfd_create");
}

std::optional<ServerMetrics::Refusal> ConnectionRegistry::reserve(const Peer& peer) {
  const std::lock_guard lock(mutex_);
  if (reserved_ >= maxTotal_) return ServerMetrics::Refusal::Total;
  if (peer.counted) {
    auto& count = perAddress_[peer.key];
    if (count >= maxPerAddress_) {
      if (count == 0) perAddress_.erase(peer.key);
      return ServerMetrics::Refusal::PerAddress;
    }
    ++count;
  }
  ++reserved_;
  return std::nullopt;
}

void ConnectionRegistry::release(const Peer& peer) {
  --reserved_;
  if (!peer.counted) return;
  const auto found = perAddress_.find(peer.key);
  if (found != perAddress_.end() && --found->second == 0) perAddress_.erase(found);
}

void ConnectionRegistry::add(std::unique_ptr<Connection> connection) {
  metrics_.connectionOpened();
  const std::lock_guard lock(mutex_);
  Connection& added = *connection;
  added.setEntry(entries_.insert(entries_.end(), std::move(connection)));
  startTimer();
}

void ConnectionRegistry::remove(Connection& connection) {
  // A copy: the connection is gone when it is used.
  const Peer peer = connection.peer();  // NOLINT(performance-unnecessary-copy-initialization)
  Entries last;
  {
    const std::lock_guard lock(mutex_);
    last.splice(last.begin(), entries_, connection.entry());
  }
  last.clear();  // Closes the socket and lets the handlers' objects go, outside the lock.
  metrics_.connectionClosed();
  const std::lock_guard lock(mutex_);
  release(peer);
  if (reserved_ == 0) emptied_.notify_all();
}

void ConnectionRegistry::startTimer() {
  if (timerRuns_) return;
  timerRuns_ = true;
  setTimer(timer_.get(), 1);
}

void ConnectionRegistry::onNextTick(std::function<void()> action) {
  const std::lock_guard lock(mutex_);
  onTick_.push_back(std::move(action));
  startTimer();
}

void ConnectionRegistry::onEvent(Worker& worker) {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const auto got = ::read(timer_.get(), &expirations, sizeof expirations);
  std::vector<std::function<void()>> actions;
  bool lastHasGone = false;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& connection : entries_) {
      connection->deadline().sweep(worker.now(), connection->fd());
    }
    actions.swap(onTick_);
    if (entries_.empty()) {
      timerRuns_ = false;
      lastHasGone = true;
      setTimer(timer_.get(), 0);
    }
  }
  for (const auto& action : actions) action();
#ifdef __GLIBC__
  // What thousands of connections took goes back to the system, for others to have.
  if (lastHasGone) ::malloc_trim(0);
#endif
  poller_.arm(timer_.get(), *this, EPOLLIN);
}

void ConnectionRegistry::endIdle() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : entries_) {
    if (connection->deadline().kind() == Deadline::Kind::Idle) {
      ::shutdown(connection->fd(), SHUT_RD);
    }
  }
}

std::size_t ConnectionRegistry::endAll() {
  const std::lock_guard lock(mutex_);
  for (const auto& connection : entries_) ::shutdown(connection->fd(), SHUT_RDWR);
  return entries_.size();
}

bool ConnectionRegistry::waitUntilEmpty(std::chrono::steady_clock::time_point end) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_until(lock, end, [this] { return reserved_ == 0; });
}

}  // namespace coffer::http
