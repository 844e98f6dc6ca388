// SPDX-License-Identifier: BSD-2-Clause
//
// What all connections of one server share. Built by Server, then used by reference; everything in
// it is safe from any thread.
#pragma once

#include "appliance/http/client_address.h"
#include "appliance/http/connection_registry.h"
#include "appliance/http/lanes.h"
#include "appliance/http/poller.h"
#include "appliance/http/server.h"
#include "appliance/http/websocket_loop.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace coffer::http {

// What a listener's connections need to know of it. Outlives them.
struct ListenerSettings {
  std::shared_ptr<TlsContext> tls;
  std::vector<Mount> mounts;  // Longest prefix first.
  std::string address;        // Stands in for a Host that a 1.0 client does not send.
  bool isUnix = false;
};

// Sixteen hexadecimal digits, different for every request of a process and not guessable from
// another process's. They are names, not secrets.
class RequestIds {
 public:
  RequestIds();
  std::string next();

 private:
  std::uint64_t seed_;
  std::atomic<std::uint64_t> count_{0};
};

struct ServerCore {
  ServerCore(const ServerOptions& serverOptions, ServerMetrics& serverMetrics, AccessLog* log);

  LanePool& lane(Lane which);  // Not Io.

  const ServerOptions options;
  ServerMetrics& metrics;
  AccessLog* accessLog;  // May be null.
  const TrustedProxies trusted;
  std::atomic<bool> stopping{false};
  RequestIds ids;
  Poller poller;
  WebSocketLoop webSockets;  // Outlives the connections.
  ConnectionRegistry connections;
  LanePool diskLane;
  LanePool hashLane;
  LanePool outboundLane;
  LanePool fetchLane;
};

}  // namespace coffer::http
