// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/acceptor.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "appliance/http/connection.h"

#include <Poco/Net/IPAddress.h>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>

namespace coffer::http {
namespace {

constexpr int kAcceptBatch = 64;

UniqueFd openSpare() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

Peer describePeer(const sockaddr_storage& storage, const TrustedProxies& trusted) {
  Peer peer;
  if (storage.ss_family == AF_UNIX) {
    peer.trusted = trusted.trustsUnixSockets();
    return peer;
  }
  const Poco::Net::IPAddress address(reinterpret_cast<const sockaddr&>(storage));
  peer.address = printAddress(address);
  peer.trusted = trusted.contains(address);
  peer.counted = !peer.trusted;
  const auto* bytes = static_cast<const unsigned char*>(address.addr());
  if (address.family() == Poco::Net::IPAddress::IPv4) {
    std::copy(bytes, bytes + 4, peer.key.begin());
  } else if (address.isIPv4Mapped()) {
    std::copy(bytes + 12, bytes + 16, peer.key.begin());
  } else {
    std::copy(bytes, bytes + 8, peer.key.begin());
  }
  return peer;
}

}  // namespace

Acceptor::Acceptor(ServerCore& core, ListenerOptions options)
    : core_(core), socket_(openListener(std::move(options.endpoint), options.tls != nullptr)) {
  settings_.tls = std::move(options.tls);
  settings_.mounts = std::move(options.mounts);
  settings_.isUnix = socket_.isUnix;
  settings_.address = socket_.isUnix ? "localhost" : socket_.bound.address;
  std::stable_sort(settings_.mounts.begin(), settings_.mounts.end(),
                   [](const Mount& a, const Mount& b) {
                     return a.point->prefix.size() > b.point->prefix.size();
                   });
  for (const auto& mount : settings_.mounts) core_.metrics.registerService(*mount.service);
  spare_ = openSpare();
}

void Acceptor::start() {
  const std::lock_guard lock(mutex_);
  if (!core_.poller.add(socket_.fd.get(), *this, EPOLLIN)) throwSystemFault("epoll_ctl");
}

void Acceptor::close() {
  const std::lock_guard lock(mutex_);
  socket_.fd.reset();
  socket_.file.remove();
}

void Acceptor::onEvent(Worker&) {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < kAcceptBatch; ++i) {
    if (!socket_.fd) return;
    if (!acceptOne()) break;
  }
  if (!paused_) core_.poller.arm(socket_.fd.get(), *this, EPOLLIN);
}

bool Acceptor::acceptOne() {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  UniqueFd socket(::accept4(socket_.fd.get(), reinterpret_cast<sockaddr*>(&storage), &length,
                            SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) {
    switch (errno) {
      case EAGAIN:
        return false;
      case EMFILE:
      case ENFILE:
        refuseForLackOfDescriptors();
        return !paused_;
      case ENOBUFS:
      case ENOMEM:
        pause();
        return false;
      default:
        return true;  // The client has gone again: ECONNABORTED and the network's errors.
    }
  }
  Peer peer = describePeer(storage, core_.trusted);
  if (const auto refusal = core_.connections.reserve(peer)) {
    core_.metrics.countRefusal(*refusal);
    return true;
  }
  auto connection =
      std::make_unique<Connection>(core_, settings_, std::move(socket), std::move(peer));
  Connection& added = *connection;
  core_.connections.add(std::move(connection));
  added.launch();
  return true;
}

// Left in the queue, the client would wait for nothing and wake the workers for ever.
void Acceptor::refuseForLackOfDescriptors() {
  core_.metrics.countRefusal(ServerMetrics::Refusal::Descriptors);
  if (!spare_) {
    pause();
    return;
  }
  spare_.reset();
  UniqueFd refused(::accept4(socket_.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const bool lost = !refused;
  refused.reset();
  spare_ = openSpare();
  if (lost) pause();
}

void Acceptor::pause() {
  paused_ = true;
  core_.connections.onNextTick([this] {
    const std::lock_guard lock(mutex_);
    paused_ = false;
    if (!spare_) spare_ = openSpare();
    if (socket_.fd) core_.poller.arm(socket_.fd.get(), *this, EPOLLIN);
  });
}

}  // namespace coffer::http
