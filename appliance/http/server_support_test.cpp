// SPDX-License-Identifier: BSD-2-Clause
//
// The service, server and client of server_test_support.h.
#include "appliance/base/bytes.h"
#include "appliance/http/server_test_support.h"

#include <openssl/ssl.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace coffer::http::testing {
namespace {

constexpr int kPatienceMilliseconds = 10'000;
constexpr std::uint64_t kFileBytes = 6 * MiB;

class Collector final : public BodySink {
 public:
  Collector(Observations& seen, Request& request) : seen_(seen), request_(request) {
    ++seen_.sinksOpen;
  }
  ~Collector() override {
    --seen_.sinksOpen;
    if (!finished_) ++seen_.uploadsUndone;
  }
  void write(std::string_view bytes) override {
    bytes_ += bytes;
    seen_.uploadedBytes += bytes.size();
    if (bytes_.find("REFUSE-ME") != std::string::npos) {
      throw InsufficientStorage("Insufficient Storage", "told to");
    }
  }
  Response finish() override {
    finished_ = true;
    ++seen_.uploadsFinished;
    return Response::text(200, std::string(request_.param("name")) + ":" + bytes_);
  }

 private:
  Observations& seen_;
  Request& request_;
  std::string bytes_;
  bool finished_ = false;
};

class PatternSource final : public BodySource {
 public:
  PatternSource(std::uint64_t length, bool breaks) : length_(length), breaks_(breaks) {}
  bool read(std::string& out) override {
    if (offset_ >= length_ && breaks_) throw std::runtime_error("source broke");
    const auto size = std::min<std::uint64_t>(64 * KiB, length_ - offset_);
    out += patternBytes(offset_, size);
    offset_ += size;
    return offset_ < length_ || breaks_;
  }

 private:
  std::uint64_t length_;
  std::uint64_t offset_ = 0;
  bool breaks_;
};

// Says back what it hears; some words have a meaning.
class Echo final : public WebSocketHandler {
 public:
  explicit Echo(Observations& seen) : seen_(seen) {}
  ~Echo() override { ++seen_.socketsGone; }
  void onOpen(std::shared_ptr<WebSocket> socket) override {
    socket_ = socket;
    seen_.sockets.with([&](auto& sockets) { sockets.push_back(std::move(socket)); });
  }
  void onMessage(MessageKind kind, std::string_view message) override {
    if (message == "close") return socket_->close(CloseCode::Normal);
    if (message == "throw") throw std::runtime_error("told to");
    socket_->send(kind == MessageKind::Text ? textMessage(message) : binaryMessage(message));
  }

 private:
  Observations& seen_;
  std::shared_ptr<WebSocket> socket_;
};

// "X-Password: right" is let in, after work on the hash lane.
class PasswordGuard final : public Guard {
 public:
  explicit PasswordGuard(Observations& seen) : seen_(seen) {}
  std::string_view description() const override { return "password"; }
  Admission admit(Request& request, Lane lane) const override {
    if (!request.hasHeader("X-Password")) throw Unauthorized("Unauthorized");
    if (lane == Lane::Io) return Admission::NeedsHashLane;
    ++seen_.guardOnHashLane;
    if (request.header("X-Password") == "wait") seen_.gate.wait();
    if (request.header("X-Password") == "wrong") throw Unauthorized("Unauthorized");
    if (request.header("X-Password") == "lost") return Admission::NeedsHashLane;
    request.setUser("somebody");
    request.attach(std::make_shared<const std::string>("a grant"));
    return Admission::Granted;
  }

 private:
  Observations& seen_;
};

std::uint64_t number(const Request& request, std::string_view name, std::uint64_t otherwise) {
  const auto text = request.query(name);
  return text ? parseUnsigned(*text).value_or(otherwise) : otherwise;
}

std::string makeTemporaryFile() {
  const char* folder = std::getenv("TMPDIR");
  std::string path = std::string(folder ? folder : "/tmp") + "/coffer-http-test-XXXXXX";
  const UniqueFd fd(::mkstemp(path.data()));
  static const std::string bytes = patternBytes(0, kFileBytes);
  if (!fd || ::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot write " + path);
  }
  return path;
}

}  // namespace

void Gate::open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::wait() {
  std::unique_lock lock(mutex_);
  ++visitors_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return open_; });
}

bool Gate::waitForVisitors(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10),
                           [this, count] { return visitors_ >= count; });
}

std::string patternBytes(std::uint64_t offset, std::uint64_t length) {
  std::string out;
  out.reserve(static_cast<std::size_t>(length));
  for (std::uint64_t i = 0; i < length; ++i) out.push_back(patternByte(offset + i));
  return out;
}

TestService::TestService()
    : filePath_(makeTemporaryFile()), passwordGuard_(std::make_unique<PasswordGuard>(seen)) {
  const auto echo = [](Request& request) { return Response::text(200, request.body()); };
  routes_.emplace_back(Method::Get, "/hello", anyone(), kNoBody, Lane::Io,
                       [](Request&) { return Response::text(200, "hello\n"); });
  routes_.emplace_back(Method::Get, "/disk", anyone(), kNoBody, Lane::Disk,
                       [](Request&) { return Response::text(200, "disk\n"); });
  routes_.emplace_back(Method::Get, "/hash", anyone(), kNoBody, Lane::Hash,
                       [](Request&) { return Response::text(200, "hash\n"); });
  routes_.emplace_back(Method::Post, "/echo", anyone(), BodyLimit{MiB}, Lane::Disk, echo);
  routes_.emplace_back(Method::Post, "/inline", anyone(), BodyLimit{MiB}, Lane::Io, echo);
  routes_.emplace_back(Method::Delete, "/echo", anyone(), BodyLimit{MiB}, Lane::Io, echo);
  routes_.emplace_back(Method::Post, "/tiny", anyone(), BodyLimit{10}, Lane::Io, echo);
  routes_.emplace_back(Method::Get, "/wait", anyone(), kNoBody, Lane::Disk, [this](Request&) {
    seen.gate.wait();
    return Response::text(200, "waited\n");
  });
  routes_.emplace_back(Method::Get, "/wait-hash", anyone(), kNoBody, Lane::Hash, [this](Request&) {
    seen.gate.wait();
    return Response::text(200, "waited\n");
  });
  routes_.emplace_back(
      Method::Get, "/socket", anyone(), kNoBody, Lane::Io, [this](Request& request) {
        WebSocketOptions options;
        options.maxQueued = number(request, "queue", options.maxQueued);
        options.firstMessageWithin = std::chrono::seconds(number(request, "first", 15));
        options.heartbeat = textMessage("beat");
        return Response::upgrade(std::make_unique<Echo>(seen), options);
      });
  routes_.emplace_back(Method::Get, "/relay", anyone(), kNoBody, Lane::Io, [this](Request&) {
    return Response::onLane(Lane::Outbound, [this](Request& request) {
      if (request.query("wait")) seen.gate.wait();
      if (request.query("refuse")) throw Forbidden("Forbidden", "the other server said no");
      if (!request.query("twice")) return Response::text(200, "relayed\n");
      return Response::onLane(Lane::Fetch, [](Request& again) {
        return Response::text(200, "relayed twice: " + again.query("twice").value());
      });
    });
  });
  routes_.emplace_back(
      Method::Get, "/secret", *passwordGuard_, kNoBody, Lane::Io, [](Request& request) {
        return Response::text(200, request.user() + " has " + request.attached<std::string>());
      });
  routes_.emplace_back(Method::Post, "/secret", *passwordGuard_, BodyLimit{MiB}, Lane::Io, echo);
  routes_.emplace_back(Method::Get, "/file", anyone(), kNoBody, Lane::Io, [this](Request& request) {
    FileBody body;
    body.file = UniqueFd(::open(filePath_.c_str(), O_RDONLY | O_CLOEXEC));
    body.offset = number(request, "offset", 0);
    body.length = number(request, "length", kFileBytes - body.offset);
    return Response::file(std::move(body), "application/octet-stream")
        .onSent([this](std::uint64_t bytes) {
          ++seen.sent;
          seen.sentBytes += bytes;
        });
  });
  routes_.emplace_back(Method::Get, "/text", anyone(), kNoBody, Lane::Io, [](Request& request) {
    return Response::text(200, patternBytes(0, number(request, "length", 0)));
  });
  routes_.emplace_back(Method::Get, "/stream", anyone(), kNoBody, Lane::Io, [](Request& request) {
    return Response::stream(std::make_unique<PatternSource>(number(request, "length", 0),
                                                            request.query("break").has_value()),
                            "text/plain");
  });
  routes_.emplace_back(Method::Get, "/bug", anyone(), kNoBody, Lane::Disk,
                       [](Request&) -> Response { throw std::runtime_error("secret detail"); });
  routes_.emplace_back(Method::Get, "/empty", anyone(), kNoBody, Lane::Io,
                       [](Request&) { return Response::empty(204); });
  routes_.emplace_back(Method::Get, "/last", anyone(), kNoBody, Lane::Io,
                       [](Request&) { return Response::text(200, "bye\n").close(); });
  routes_.emplace_back(Method::Get, "/who", anyone(), kNoBody, Lane::Io, [](Request& request) {
    return Response::text(200, request.clientAddress() + " " + request.origin() + " " +
                                   request.certificateName() + " " + request.id());
  });
  routes_.emplace_back(
      Method::Get, "/item/{id}", anyone(), kNoBody, Lane::Io,
      [](Request& request) { return Response::text(200, std::string(request.param("id"))); });
  routes_.emplace_back(Method::Head, "/size", anyone(), kNoBody, Lane::Io,
                       [](Request&) { return Response::empty().declaredLength(1234567); });
  routes_.push_back(Route::upload(Method::Put, "/upload/{name}", anyone(), BodyLimit{64 * MiB},
                                  [this](Request& request) -> std::unique_ptr<BodySink> {
                                    if (request.param("name") == "taken")
                                      throw Forbidden("Forbidden");
                                    return std::make_unique<Collector>(seen, request);
                                  }));
  router_ = std::make_unique<Router>(routes_, TrailingSlash::Significant);
}

TestService::~TestService() { ::unlink(filePath_.c_str()); }

Match TestService::match(Method method, std::span<const std::string> segments) const {
  return router_->match(method, segments);
}

Response TestService::renderError(const Request&, const Fault& fault) const {
  return Response::text(statusOf(fault.kind()), "test: " + fault.clientText());
}

void TestService::decorate(const Request&, Response& response) const {
  response.header("X-Decorated", "yes");
}

TestServer::TestServer(Setup setup) : server(setup.options, metrics, setup.accessLog) {
  ListenerOptions listener;
  listener.endpoint.host = setup.host;
  listener.endpoint.unixPath = setup.unixPath;
  listener.tls = setup.tls;
  auto root = std::make_shared<MountPoint>();
  auto below = std::make_shared<MountPoint>();
  below->prefix = "/below";
  listener.mounts.push_back({root, &service});
  listener.mounts.push_back({below, &service});
  const std::string address = server.listen(std::move(listener)).address;
  const auto colon = address.rfind(':');
  if (setup.unixPath.empty()) {
    port_ = static_cast<std::uint16_t>(parseUnsigned(address.substr(colon + 1)).value());
  }
  server.start();
}

TestServer::~TestServer() {
  service.seen.gate.open();
  server.stop(std::chrono::milliseconds(0));
}

std::string Reply::field(const std::string& lowerName) const {
  const auto found = fields.find(lowerName);
  return found == fields.end() ? std::string() : found->second;
}

Client::Client(std::uint16_t port, ssl_ctx_st* tls)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("connect");
  }
  const timeval patience{kPatienceMilliseconds / 1000, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (!tls) return;
  ssl_ = SSL_new(tls);
  SSL_set_fd(ssl_, fd_.get());
  if (SSL_connect(ssl_) != 1) ended_ = true;
}

Client::Client(const std::string& unixPath)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  unixPath.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("connect");
  }
  const timeval patience{kPatienceMilliseconds / 1000, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

Client::~Client() {
  if (ssl_) SSL_free(ssl_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = 0;
    if (ssl_) {
      sent = SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    } else {
      sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Client::fill() {
  if (ended_) return false;
  char buffer[64 * 1024];
  ssize_t got = 0;
  if (ssl_) {
    got = SSL_read(ssl_, buffer, sizeof buffer);
  } else {
    got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (got < 0) reset_ = errno == ECONNRESET;
    if (got < 0) timedOut_ = errno == EAGAIN;
  }
  if (got <= 0) {
    ended_ = true;
    return false;
  }
  input_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

std::string Client::readLine() {
  std::size_t end = 0;
  while ((end = input_.find("\r\n")) == std::string::npos) {
    if (!fill()) return {};
  }
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 2);
  return line;
}

Reply Client::receive(bool headRequest) {
  Reply reply;
  const std::string start = readLine();
  if (start.size() < 12) return reply;
  reply.status = std::atoi(start.substr(9, 3).c_str());
  for (std::string line = readLine(); !line.empty(); line = readLine()) {
    const auto colon = line.find(':');
    reply.fields[toLowerAscii(line.substr(0, colon))] =
        std::string(trim(std::string_view(line).substr(colon + 1)));
  }
  if (reply.status == 100 || reply.status == 101 || reply.status == 204 || reply.status == 304 ||
      headRequest) {
    reply.complete = true;
    return reply;
  }
  if (reply.field("transfer-encoding") == "chunked") {
    for (;;) {
      const std::string digits = readLine();
      std::size_t size = 0;
      if (digits.empty() ||
          std::from_chars(digits.data(), digits.data() + digits.size(), size, 16).ec !=
              std::errc{}) {
        return reply;
      }
      while (input_.size() < size + 2) {
        if (!fill()) return reply;
      }
      reply.body += input_.substr(0, size);
      input_.erase(0, size + 2);
      if (size == 0) {
        reply.complete = true;
        return reply;
      }
    }
  }
  if (const auto length = parseUnsigned(reply.field("content-length"))) {
    while (input_.size() < *length && fill()) {
    }
    reply.complete = input_.size() >= *length;
    reply.body = input_.substr(0, static_cast<std::size_t>(*length));
    input_.erase(0, reply.body.size());
    return reply;
  }
  reply.body = readAll();
  reply.complete = !reset_;
  return reply;
}

bool Client::closedByServer() { return input_.empty() && !fill() && !reset_ && !timedOut_; }

std::string Client::readAll() {
  while (fill()) {
  }
  return std::exchange(input_, {});
}

std::string Client::receiveBytes(std::size_t count) {
  while (input_.size() < count && fill()) {
  }
  std::string taken = input_.substr(0, count);
  input_.erase(0, taken.size());
  return taken;
}

bool Client::hasInput(int milliseconds) {
  if (!input_.empty()) return true;
  pollfd entry{fd_.get(), POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) > 0;
}

void Client::finishSending() { ::shutdown(fd_.get(), SHUT_WR); }

void Client::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
  ended_ = true;
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

std::string chunked(std::string_view body, std::size_t chunkSize) {
  std::string out;
  while (!body.empty()) {
    const auto piece = body.substr(0, chunkSize);
    char digits[17];
    const auto end = std::to_chars(digits, digits + 16, piece.size(), 16).ptr;
    out += std::string(digits, end) + "\r\n" + std::string(piece) + "\r\n";
    body.remove_prefix(piece.size());
  }
  return out + "0\r\n\r\n";
}

void sleepMilliseconds(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

}  // namespace coffer::http::testing
