// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/server.h"

#include "appliance/base/random.h"
#include "appliance/http/acceptor.h"
#include "appliance/http/connection.h"
#include "appliance/http/server_core.h"
#include "appliance/http/small_thread.h"
#include "appliance/http/worker.h"

#include <array>
#include <cstring>
#include <deque>
#include <stdexcept>

namespace coffer::http {
namespace {

// Jobs that may wait for a disk thread. Each is one request whose connection is not read meanwhile.
constexpr std::size_t kDiskQueue = 1024;

}  // namespace

RequestIds::RequestIds() {
  const std::string seed = randomBytes(sizeof seed_);
  std::memcpy(&seed_, seed.data(), sizeof seed_);
}

// SplitMix64: a bijection, so that different counts give different names.
std::string RequestIds::next() {
  std::uint64_t x = seed_ + count_.fetch_add(1, std::memory_order_relaxed) * 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  x ^= x >> 31U;
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; x >>= 4U) text[i] = "0123456789abcdef"[x & 15U];
  return text;
}

ServerCore::ServerCore(const ServerOptions& serverOptions, ServerMetrics& serverMetrics,
                       AccessLog* log)
    : options(serverOptions),
      metrics(serverMetrics),
      accessLog(log),
      trusted(options.trustedProxies),
      webSockets(options.heartbeat),
      connections(options, metrics, poller),
      diskLane(Lane::Disk, options.diskThreads, kDiskQueue, metrics),
      hashLane(Lane::Hash, options.hashThreads, options.hashQueue, metrics),
      outboundLane(Lane::Outbound, options.outboundThreads, options.outboundQueue, metrics),
      fetchLane(Lane::Fetch, options.fetchThreads, options.fetchQueue, metrics) {}

LanePool& ServerCore::lane(Lane which) {
  switch (which) {
    case Lane::Io:
      break;
    case Lane::Disk:
      return diskLane;
    case Lane::Hash:
      return hashLane;
    case Lane::Outbound:
      return outboundLane;
    case Lane::Fetch:
      return fetchLane;
  }
  throw std::logic_error("the workers take no jobs");
}

class Server::Impl {
 public:
  Impl(const ServerOptions& options, ServerMetrics& metrics, AccessLog* accessLog)
      : core_(options, metrics, accessLog) {}

  const BoundListener& listen(ListenerOptions options) {
    if (started_) throw std::logic_error("listen() after start()");
    acceptors_.emplace_back(core_, std::move(options));
    bound_.push_back(acceptors_.back().bound());
    return bound_.back();
  }

  const std::vector<BoundListener>& listeners() const { return bound_; }

  void start() {
    started_ = true;
    for (unsigned i = 0; i < std::max(core_.options.workers, 1U); ++i) {
      workers_.emplace_back("http", [this] {
        Worker worker(Worker::Kind::Io);
        core_.poller.run(worker);
      });
    }
    for (auto& acceptor : acceptors_) acceptor.start();
  }

  std::size_t stop(std::chrono::milliseconds deadline) {
    if (std::exchange(stopped_, true)) return 0;
    core_.stopping.store(true);
    for (auto& acceptor : acceptors_) acceptor.close();
    std::size_t cut = 0;
    if (started_) {
      core_.connections.endIdle();
      const auto end = std::chrono::steady_clock::now() + deadline;
      if (!core_.connections.waitUntilEmpty(end)) {
        cut = core_.connections.endAll();
        core_.connections.waitUntilEmpty(std::chrono::steady_clock::time_point::max());
      }
    }
    for (const Lane lane : kLanes) {
      if (lane != Lane::Io) core_.lane(lane).stop();
    }
    core_.webSockets.stop();
    core_.poller.stop();
    workers_.clear();  // Joins.
    return cut;
  }

  bool post(Lane lane, std::function<void()> job) {
    return lane != Lane::Io && !core_.stopping.load() && core_.lane(lane).post(std::move(job));
  }

 private:
  ServerCore core_;
  std::deque<Acceptor> acceptors_;
  std::vector<BoundListener> bound_;
  std::vector<SmallThread> workers_;
  bool started_ = false;
  bool stopped_ = false;
};

Server::Server(ServerOptions options, ServerMetrics& metrics, AccessLog* accessLog)
    : impl_(std::make_unique<Impl>(options, metrics, accessLog)) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

const BoundListener& Server::listen(ListenerOptions options) {
  return impl_->listen(std::move(options));
}

const std::vector<BoundListener>& Server::listeners() const { return impl_->listeners(); }

void Server::start() { impl_->start(); }

std::size_t Server::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }

bool Server::post(Lane lane, std::function<void()> job) {
  return impl_->post(lane, std::move(job));
}

}  // namespace coffer::http
