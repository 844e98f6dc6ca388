// SPDX-License-Identifier: BSD-2-Clause
//
// A real server on a loopback port with a small service on it, and a client that sends exactly the
// bytes it is told to. For tests only.
#pragma once

#include "appliance/base/guarded.h"
#include "appliance/base/unique_fd.h"
#include "appliance/http/metrics.h"
#include "appliance/http/router.h"
#include "appliance/http/server.h"
#include "appliance/http/service.h"
#include "appliance/http/tls.h"
#include "appliance/http/websocket.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace coffer::http::testing {

// Opens once; everybody waits for it until then.
class Gate {
 public:
  void open();
  void wait();
  // True when `count` callers have come to wait() within a few seconds.
  bool waitForVisitors(int count);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int visitors_ = 0;
};

// What handlers and sinks saw.
struct Observations {
  std::atomic<int> sinksOpen{0};
  std::atomic<int> uploadsFinished{0};
  std::atomic<int> uploadsUndone{0};
  std::atomic<int> guardOnHashLane{0};
  std::atomic<int> sent{0};
  std::atomic<std::uint64_t> sentBytes{0};
  std::atomic<std::uint64_t> uploadedBytes{0};
  std::atomic<int> socketsGone{0};
  Guarded<std::vector<std::shared_ptr<WebSocket>>> sockets;  // All that were ever opened.
  Gate gate;
};

class TestService final : public Service {
 public:
  TestService();
  ~TestService() override;

  std::string_view name() const override { return "test"; }
  std::span<const Route> routes() const override { return routes_; }
  Match match(Method method, std::span<const std::string> segments) const override;
  Response renderError(const Request& request, const Fault& fault) const override;
  void decorate(const Request& request, Response& response) const override;
  const Guard& unmatchedGuard() const override { return *unmatched; }

  Observations seen;
  const Guard* unmatched = &anyone();

 private:
  std::string filePath_;
  std::unique_ptr<Guard> passwordGuard_;
  std::vector<Route> routes_;
  std::unique_ptr<Router> router_;
};

// Byte `i` of the file and the stream that the service sends.
inline char patternByte(std::uint64_t i) { return static_cast<char>('a' + (i * 7 + i / 251) % 26); }
std::string patternBytes(std::uint64_t offset, std::uint64_t length);

class TestServer {
 public:
  struct Setup {
    ServerOptions options = {};
    std::shared_ptr<TlsContext> tls = nullptr;
    std::string host = "127.0.0.1";
    std::string unixPath = {};
    AccessLog* accessLog = nullptr;
  };
  TestServer() : TestServer(Setup{}) {}
  explicit TestServer(Setup setup);
  ~TestServer();

  std::uint16_t port() const { return port_; }
  const BoundListener& bound() const { return server.listeners().front(); }

  TestService service;
  ServerMetrics metrics;
  Server server;

 private:
  std::uint16_t port_ = 0;
};

struct Reply {
  int status = 0;
  std::map<std::string, std::string> fields;  // Names in lower case.
  std::string body;
  bool complete = false;  // The whole message came.

  std::string field(const std::string& lowerName) const;
};

// Blocking, with a deadline of ten seconds on every wait.
class Client {
 public:
  explicit Client(std::uint16_t port, ssl_ctx_st* tls = nullptr);
  explicit Client(const std::string& unixPath);
  ~Client();

  // False when the server has closed.
  bool send(std::string_view bytes);
  // Reads one response. `headRequest`: it has no body.
  Reply receive(bool headRequest = false);
  Reply exchange(std::string_view request, bool headRequest = false) {
    send(request);
    return receive(headRequest);
  }
  // True when the server has ended the connection in an orderly way and nothing more comes.
  bool closedByServer();
  // Whatever arrives until the end.
  std::string readAll();
  // True when something arrives within the time.
  bool hasInput(int milliseconds);
  // Exactly so many bytes, or fewer when no more came.
  std::string receiveBytes(std::size_t count);
  void finishSending();
  void reset();  // RST.
  bool wasReset() const { return reset_; }
  int fd() const { return fd_.get(); }

 private:
  bool fill();
  std::string readLine();

  UniqueFd fd_;
  ssl_st* ssl_ = nullptr;
  std::string input_;
  bool ended_ = false;
  bool reset_ = false;
  bool timedOut_ = false;
};

std::string get(std::string_view path, std::string_view fields = "");
std::string post(std::string_view path, std::string_view body, std::string_view fields = "");
std::string chunked(std::string_view body, std::size_t chunkSize);

// True when the condition becomes true within ten seconds.
template <typename F>
bool eventually(F&& condition);

void sleepMilliseconds(int milliseconds);

template <typename F>
bool eventually(F&& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    sleepMilliseconds(5);
  }
  return false;
}

}  // namespace coffer::http::testing
