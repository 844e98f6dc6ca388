// SPDX-License-Identifier: BSD-2-Clause
//
// Owns every open connection, counts them against the limits, and looks once a second for those
// whose deadline has passed. While there are none, its timer does not run.
//
// A connection is destroyed only by the thread that drives it. Whoever else has something to say to
// one shuts its socket down, under the lock that removal also takes.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/http/metrics.h"
#include "appliance/http/poller.h"
#include "appliance/http/server.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace coffer::http {

class Connection;

// The other end of a connection.
struct Peer {
  std::string address = "unix";  // Numeric.
  bool trusted = false;          // One of the trusted proxies.
  bool counted = false;          // Falls under the limit per address.
  // What the limit counts by: the IPv4 address, or the /64 network that an IPv6 client has whole.
  std::array<unsigned char, 8> key{};
};

class ConnectionRegistry final : public Pollable {
 public:
  using Entries = std::list<std::unique_ptr<Connection>>;
  using Entry = Entries::iterator;

  ConnectionRegistry(const ServerOptions& options, ServerMetrics& metrics, Poller& poller);

  // Nothing: there is room, and it has been taken. Otherwise the limit that was met.
  std::optional<ServerMetrics::Refusal> reserve(const Peer& peer);
  // Keeps a connection that room was reserved for.
  void add(std::unique_ptr<Connection> connection);
  // Destroys it. Called by the thread that drives it, as its last act.
  void remove(Connection& connection);

  // Runs `action` within about a second, on a worker.
  void onNextTick(std::function<void()> action);

  // Shutting down: ends the connections that wait for a request; all of them. The second returns
  // how many there were.
  void endIdle();
  std::size_t endAll();
  // True when the last connection has gone before `end`.
  bool waitUntilEmpty(std::chrono::steady_clock::time_point end);

  void onEvent(Worker& worker) override;

 private:
  struct KeyHash {
    std::size_t operator()(const std::array<unsigned char, 8>& key) const;
  };

  void startTimer();
  void release(const Peer& peer);

  const std::size_t maxTotal_;
  const std::size_t maxPerAddress_;
  ServerMetrics& metrics_;
  Poller& poller_;
  UniqueFd timer_;

  std::mutex mutex_;  // Protects what follows.
  std::condition_variable emptied_;
  Entries entries_;
  std::size_t reserved_ = 0;
  std::unordered_map<std::array<unsigned char, 8>, std::size_t, KeyHash> perAddress_;
  std::vector<std::function<void()>> onTick_;
  bool timerRuns_ = false;
};

}  // namespace coffer::http
