// SPDX-License-Identifier: BSD-2-Clause
//
// The HTTP server: listeners, connections, workers and lanes. docs/decisions/0002-http-core.md has
// the design and what was measured.
//
// All workers wait on one epoll set with one-shot arming. A connection is a state machine
// (handshake → head → body → handler → response → head …) that is driven by one thread at a time
// and parked whenever the socket has nothing to say or to take: no client, however slow, holds a
// thread, and an idle one holds no buffer.
#pragma once

#include "appliance/base/unique_fd.h"
#include "appliance/http/request.h"
#include "appliance/http/service.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace coffer::http {

class TlsContext;
class AccessLog;
class ServerMetrics;

struct ServerOptions {
  unsigned workers = 4;
  unsigned diskThreads = 4;
  unsigned hashThreads = 2;
  std::size_t hashQueue = 64;  // Waiting hash jobs; one more is answered 503.
  // Threads that wait for other servers, and requests that may wait for such a thread.
  unsigned outboundThreads = 4;
  std::size_t outboundQueue = 64;
  unsigned fetchThreads = 8;
  std::size_t fetchQueue = 256;  // A vault's first page asks for an icon per item.

  std::size_t maxHeadBytes = 32 * 1024;
  std::size_t maxTargetBytes = 8 * 1024;
  std::size_t maxHeaderFields = 100;
  std::size_t maxConnections = 10'000;  // At most three quarters of the process's descriptors.
  std::size_t maxConnectionsPerAddress = 1'000;  // Not for Unix sockets and trusted proxies.

  std::chrono::seconds headDeadline{10};  // First byte of a head to its last; TLS handshake too.
  std::chrono::seconds keepAlive{100};    // Idle between requests; restic keeps its own 90 s.
  std::uint64_t minBodyRate = 256;        // Bytes a second, averaged over bodyRateWindow.
  std::chrono::seconds bodyRateWindow{30};
  std::chrono::seconds sendStall{60};        // No byte taken by the client for so long: cut.
  std::uint64_t maxDrainBytes = 256 * 1024;  // Unread body that is read away to keep a connection.
  // Between two heartbeats of a WebSocket; one timer for all.
  std::chrono::milliseconds heartbeat{15'000};

  // Addresses or CIDR networks; "unix" for Unix sockets.
  std::vector<std::string> trustedProxies = {};
};

struct Mount {
  std::shared_ptr<const MountPoint> point;
  const Service* service = nullptr;  // Must outlive the server.
};

// Where to listen. Exactly one of host+port, unixPath and inherited is used.
struct Endpoint {
  std::string host;  // "" means every address, IPv6 and IPv4.
  std::uint16_t port = 0;
  std::string unixPath;   // A leading '@' means the abstract namespace.
  unsigned unixMode = 0;  // Permissions of the socket file; 0: what the umask leaves of 0777.
  UniqueFd inherited;     // A listening socket handed over by systemd.
};

struct ListenerOptions {
  Endpoint endpoint;
  std::shared_ptr<TlsContext> tls;  // Null: plain.
  std::vector<Mount> mounts;        // The longest prefix wins.
};

// A listener that is open. `url` is "https://127.0.0.1:8443", "http://[::]:8000", "unix:/run/x".
struct BoundListener {
  std::string url;
  std::string address;  // "127.0.0.1:8443", "[::]:8000", "/run/x": as rest-server prints it.
};

class Server {
 public:
  // `accessLog` may be null. All references must outlive the server.
  Server(ServerOptions options, ServerMetrics& metrics, AccessLog* accessLog);
  ~Server();

  // Opens a listener; connections queue in the kernel until start(). Throws UsageError
  // ("listen on ADDRESS failed: reason"). A dead Unix socket file is replaced, a live one is not.
  // The reference is good until the next listen().
  const BoundListener& listen(ListenerOptions options);
  const std::vector<BoundListener>& listeners() const;

  void start();

  // Stops accepting, closes idle connections, lets what is in flight finish and closes each
  // connection after it; what is left at the deadline is cut. Returns when every thread has ended.
  // Removes the Unix socket files that listen() made. Returns how many connections were cut.
  std::size_t stop(std::chrono::milliseconds deadline);

  // Runs a job on any lane but Io; false when that lane's queue is full or the server stops.
  bool post(Lane lane, std::function<void()> job);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace coffer::http
