// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/connection.h"

#include "appliance/base/log.h"
#include "appliance/http/tls.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <functional>

namespace coffer::http {
namespace {

using Kind = IoResult::Kind;

constexpr std::size_t kHeadRead = 16 * 1024;
constexpr std::size_t kRequestLineSlack = 64;  // Method, version and blanks beside the target.
constexpr char kTlsHandshakeRecord = 0x16;
constexpr std::string_view kPlainOnTls =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Connection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

bool pointsInto(std::string_view part, const std::string& whole) {
  const std::less_equal<const char*> notAfter;
  return notAfter(whole.data(), part.data()) && notAfter(part.data(), whole.data() + whole.size());
}

}  // namespace

Connection::Connection(ServerCore& core, const ListenerSettings& listener, UniqueFd socket,
                       Peer peer)
    : core_(core),
      listener_(listener),
      transport_(std::move(socket), listener.tls ? listener.tls->current() : nullptr),
      peer_(std::move(peer)),
      state_(listener.tls ? State::FirstByte : State::Head) {
  const auto now = Deadline::Clock::now();
  deadline_.set(Deadline::Kind::Idle,
                now + (listener.tls ? core_.options.headDeadline : core_.options.keepAlive));
}

Connection::~Connection() {
  if (countedIdle_) core_.metrics.connectionUnparked();
}

void Connection::launch() {
  handover_.store(1, std::memory_order_release);
  if (!core_.poller.add(fd(), *this, EPOLLIN)) core_.connections.remove(*this);
}

void Connection::onEvent(Worker& worker) {
  static_cast<void>(handover_.load(std::memory_order_acquire));
  readable_ = true;
  served_ = 0;
  if (std::exchange(countedIdle_, false)) core_.metrics.connectionUnparked();
  drive(worker);
}

void Connection::drive(Worker& worker) {
  for (;;) {
    Step step = Step::Close;
    try {
      step = advance(worker);
      if (step != Step::Again && step != Step::Close) keepUnread();
    } catch (const std::exception& error) {
      log::error("http", "connection failed", {{"peer", peer_.address}, {"error", error.what()}});
      step = Step::Close;
    }
    switch (step) {
      case Step::Again:
        break;
      case Step::AwaitRead:
        park(EPOLLIN);
        return;
      case Step::AwaitWrite:
        park(EPOLLOUT);
        return;
      case Step::AwaitEither:
        park(EPOLLIN | EPOLLOUT);
        return;
      case Step::ToWebSocketLoop:
        passToWebSocketLoop();
        return;
      case Step::ToLane:
        if (passToLane()) return;
        refuseForLane(worker);
        break;
      case Step::Close:
        core_.connections.remove(*this);
        return;
    }
  }
}

Connection::Step Connection::advance(Worker& worker) {
  const bool reads = state_ == State::Head || state_ == State::Drain || state_ == State::Linger;
  if (worker.isOnLane() && reads) {
    // Reading is the workers' business. A socket that can be written wakes one at once.
    if (state_ == State::Head && unread_.empty() && !transport_.hasPending()) {
      return awaitHead(worker);
    }
    if (state_ == State::Head) {
      deadline_.set(Deadline::Kind::Send, worker.now() + core_.options.sendStall);
    }
    return Step::AwaitWrite;
  }
  switch (state_) {
    case State::FirstByte:
      return readFirstByte(worker);
    case State::Handshake:
      return handshake();
    case State::Head:
      return readHead(worker);
    case State::Guarded:
      try {
        exchange_->settleAdmission();
      } catch (...) {
        return refuse(worker, std::current_exception());
      }
      return openBody(worker);
    case State::Continue:
      return sendContinue();
    case State::Body:
    case State::Drain:
      return pumpBody(worker);
    case State::Write:
      return writeResponse(worker);
    case State::Linger:
      return linger(worker);
    case State::WebSocket:
      return serveWebSocket(worker);
    case State::GuardOnLane:
    case State::HandlerOnLane:
      break;  // Not armed: no event comes.
  }
  return Step::Close;
}

// After arming, the connection belongs to whoever gets the event: nothing of it may be touched.
void Connection::park(std::uint32_t events) {
  Poller& poller = state_ == State::WebSocket ? core_.webSockets.poller() : core_.poller;
  const int socket = fd();
  handover_.store(1, std::memory_order_release);
  poller.arm(socket, *this, events);
}

bool Connection::passToLane() {
  deadline_.clear();
  return core_.lane(lane_).post([this] { runOnLane(); });
}

// From here on the workers hear nothing of it.
void Connection::passToWebSocketLoop() {
  core_.poller.remove(fd());
  handover_.store(1, std::memory_order_release);
  if (!core_.webSockets.adopt(*this)) core_.connections.remove(*this);
}

void Connection::refuseForLane(Worker& worker) {
  const std::string detail = "the " + std::string(nameOf(lane_)) + " lane is full";
  refuse(worker, std::make_exception_ptr(Unavailable("Service Unavailable", detail)));
}

void Connection::runOnLane() {
  Worker worker(Worker::Kind::Lane);
  if (state_ == State::GuardOnLane) {
    exchange_->admitOnHashLane();
    state_ = State::Guarded;
    deadline_.set(Deadline::Kind::Send, worker.now() + core_.options.sendStall);
    park(EPOLLOUT);
    return;
  }
  // A stop waits for what is being hashed and asked, not for a whole queue of slow work behind it.
  if (core_.stopping.load() && lane_ != Lane::Disk) {
    refuse(worker,
           std::make_exception_ptr(Unavailable("Service Unavailable", "the server is stopping")));
    drive(worker);
    return;
  }
  auto response = exchange_->produce();
  worker.beginTurn();  // The handler may have taken its time.
  if (response) {
    respond(worker, std::move(*response));
  } else {
    lane_ = exchange_->lane();
    if (passToLane()) return;
    refuseForLane(worker);
  }
  drive(worker);
}

// Before the first request

Connection::Step Connection::readFirstByte(Worker& worker) {
  char first = 0;
  const auto result = transport_.peek(first);
  if (result.kind == Kind::WantRead) return Step::AwaitRead;
  if (result.kind != Kind::Done) return Step::Close;
  if (first == kTlsHandshakeRecord) {
    state_ = State::Handshake;
    return Step::Again;
  }
  core_.metrics.countRefusal(ServerMetrics::Refusal::Handshake);
  transport_.write(kPlainOnTls);  // Before the handshake this is still the bare socket.
  return beginLinger(worker);
}

Connection::Step Connection::handshake() {
  const auto result = transport_.handshake();
  switch (result.kind) {
    case Kind::Done:
      certificateName_ = transport_.certificateName();
      state_ = State::Head;
      return Step::Again;
    case Kind::WantRead:
      return Step::AwaitRead;
    case Kind::WantWrite:
      return Step::AwaitWrite;
    default:
      break;
  }
  core_.metrics.countRefusal(ServerMetrics::Refusal::Handshake);
  log::debug("tls", "http: TLS handshake error from " + peer_.address);
  return Step::Close;
}

// The head

Connection::Step Connection::readHead(Worker& worker) {
  for (;;) {
    if (!unread_.empty()) {
      const auto result = scanner_.scan(unread_);
      if (result != HeadScanner::Result::Incomplete) return beginExchange(worker);
      const auto& options = core_.options;
      if (scanner_.inRequestLine() && unread_.size() > options.maxTargetBytes + kRequestLineSlack) {
        return refuseHead(worker, 414, "target too long");
      }
      if (unread_.size() >= options.maxHeadBytes) return refuseHead(worker, 431, "head too long");
    }
    if (!readable_ && !transport_.hasPending()) return awaitHead(worker);
    switch (receive(worker, kHeadRead).kind) {
      case Kind::Done:
        continue;
      case Kind::WantRead:
        return awaitHead(worker);
      case Kind::WantWrite:
        return Step::AwaitWrite;
      case Kind::Eof:
        if (!deadline_.expired() || unread_.empty()) return Step::Close;
        core_.metrics.countRefusal(ServerMetrics::Refusal::Timeout);
        return refuseHead(worker, 408, "head too slow");
      case Kind::Failed:
        return Step::Close;
    }
  }
}

Connection::Step Connection::awaitHead(Worker& worker) {
  if (unread_.empty()) {
    deadline_.set(Deadline::Kind::Idle, worker.now() + core_.options.keepAlive);
    countedIdle_ = true;
    core_.metrics.connectionParked();
  } else if (!headBegun_) {
    headBegun_ = true;
    deadline_.set(Deadline::Kind::Idle, worker.now() + core_.options.headDeadline);
  }
  // Set first, looked at second: the server stores its flag and then looks for idle connections,
  // so one of the two sees the other.
  return core_.stopping.load() ? Step::Close : Step::AwaitRead;
}

Connection::Step Connection::beginExchange(Worker& worker) {
  const auto length = scanner_.end();
  if (length > core_.options.maxHeadBytes) return refuseHead(worker, 431, "head too long");
  auto parsed = parseHead(unread_.substr(0, length),
                          {core_.options.maxTargetBytes, core_.options.maxHeaderFields});
  if (const auto* error = std::get_if<HeadError>(&parsed)) {
    return refuseHead(worker, error->status, error->reason);
  }
  unread_.remove_prefix(length);
  scanner_.reset();
  headBegun_ = false;
  deadline_.clear();
  exchange_ = std::make_unique<Exchange>(core_, worker.now());
  auto& head = std::get<Head>(parsed);
  if (head.target == "*") {  // OPTIONS about the server as a whole: it is there.
    const bool keepAlive = head.keepAlive && head.contentLength == std::uint64_t{0};
    exchange_->start(Exchange::plainAnswer(200), keepAlive, worker.httpDate());
    after_ = keepAlive ? After::NextRequest : After::Linger;
    state_ = State::Write;
    return Step::Again;
  }
  try {
    exchange_->begin(std::move(head), listener_, peer_, certificateName_);
    if (exchange_->admit(Lane::Io) == Admission::NeedsHashLane) {
      lane_ = Lane::Hash;
      state_ = State::GuardOnLane;
      return Step::ToLane;
    }
  } catch (...) {
    return refuse(worker, std::current_exception());
  }
  return openBody(worker);
}

Connection::Step Connection::refuseHead(Worker& worker, int status, std::string_view reason) {
  core_.metrics.countRefusal(ServerMetrics::Refusal::BadHead);
  log::debug("http", "bad head", {{"peer", peer_.address}, {"status", status}, {"reason", reason}});
  unread_ = {};
  exchange_ = std::make_unique<Exchange>(core_, worker.now());
  exchange_->start(Exchange::plainAnswer(status), false, worker.httpDate());
  after_ = After::Linger;
  state_ = State::Write;
  deadline_.set(Deadline::Kind::Send, worker.now() + core_.options.sendStall);
  return Step::Again;
}

// Input

IoResult Connection::receive(Worker& worker, std::size_t most) {
  keepUnread();
  const auto buffer = worker.input().first(std::min(most, worker.input().size()));
  const auto result = transport_.read(buffer.data(), buffer.size());
  readable_ = result.kind == Kind::Done && result.bytes == buffer.size();
  inputEnded_ = result.kind == Kind::Eof;
  if (result.kind != Kind::Done) return result;
  core_.metrics.countReceived(result.bytes);
  if (unread_.empty()) {
    unread_ = {buffer.data(), result.bytes};
  } else {
    kept_.append(buffer.data(), result.bytes);
    unread_ = kept_;
  }
  return result;
}

// Waits for more to read. What TLS has already taken off the socket would not wake anybody; being
// writable does, at once.
Connection::Step Connection::yieldRead() const {
  return transport_.hasPending() ? Step::AwaitWrite : Step::AwaitRead;
}

// Moves what is unread out of the worker's buffer; frees the memory when there is nothing.
void Connection::keepUnread() {
  if (unread_.empty()) {
    if (!kept_.empty()) std::string().swap(kept_);
    unread_ = {};
    return;
  }
  if (pointsInto(unread_, kept_)) {
    kept_.erase(0, static_cast<std::size_t>(unread_.data() - kept_.data()));
  } else {
    kept_.assign(unread_);
  }
  unread_ = kept_;
}

}  // namespace coffer::http
