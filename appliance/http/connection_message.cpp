// SPDX-License-Identifier: BSD-2-Clause
//
// A connection between the head of a request and the last byte of its response.
#include "appliance/base/log.h"
#include "appliance/http/connection.h"

#include <atomic>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace coffer::http {
namespace {

using Kind = IoResult::Kind;

constexpr std::uint64_t kTurnBytes = 4 * 1024 * 1024;  // Then other connections have their turn …
constexpr unsigned kTurnRequests = 64;                 // … or after so many pipelined requests.
constexpr std::chrono::seconds kLingerTime{2};
constexpr std::uint64_t kLingerBytes = 64 * 1024 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kLargeBody = 256 * 1024;

// What was made of a large body, an import's items, goes back to the system soon. The heap would
// keep it for as long as any connection is open, and some client always holds one.
// Once a tick, however many there were: anybody may send some of them.
void giveMemoryBackAfter([[maybe_unused]] const Request& request,
                         [[maybe_unused]] ServerCore& core) {
#ifdef __GLIBC__
  static std::atomic<bool> isDue{false};  // One heap, so one for the process.
  if (request.body().size() < kLargeBody || isDue.exchange(true)) return;
  core.connections.onNextTick([] {
    isDue.store(false);
    (void)::malloc_trim(0);
  });
#endif
}

}  // namespace

// The body

Connection::Step Connection::openBody(Worker& worker) {
  try {
    exchange_->openBody();
  } catch (...) {
    return refuse(worker, std::current_exception());
  }
  if (exchange_->framing().complete()) return dispatch(worker);
  if (exchange_->awaitsContinue()) {
    // A body that nobody reads is not asked for; the answer closes the connection instead.
    if (exchange_->discardsBody()) return dispatch(worker);
    if (unread_.empty()) {
      continueSent_ = 0;
      state_ = State::Continue;
      deadline_.set(Deadline::Kind::Send, worker.now() + core_.options.sendStall);
      return Step::Again;
    }
    exchange_->continued();  // It has begun to send without waiting.
  }
  state_ = State::Body;
  startBodyWindow(worker);
  return Step::Again;
}

Connection::Step Connection::sendContinue() {
  while (continueSent_ < kContinue.size()) {
    const auto result = transport_.write(kContinue.substr(continueSent_));
    if (result.kind == Kind::WantRead) return Step::AwaitRead;
    if (result.kind == Kind::WantWrite) return Step::AwaitWrite;
    if (result.kind != Kind::Done) return Step::Close;
    continueSent_ += result.bytes;
  }
  exchange_->continued();
  state_ = State::Body;
  counted_ = 0;
  deadline_.set(Deadline::Kind::Receive, Deadline::Clock::now() + core_.options.bodyRateWindow);
  return Step::Again;
}

void Connection::startBodyWindow(Worker& worker) {
  counted_ = 0;
  deadline_.set(Deadline::Kind::Receive, worker.now() + core_.options.bodyRateWindow);
}

// Takes the body as far as it is there: to the exchange, or to nowhere when only draining.
Connection::Step Connection::pumpBody(Worker& worker) {
  auto& framing = exchange_->framing();
  const bool draining = state_ == State::Drain;
  std::uint64_t turn = 0;
  for (;;) {
    std::string_view piece;
    switch (framing.next(unread_, piece)) {
      case BodyFraming::Result::Piece:
        turn += piece.size();
        if (draining) {
          drained_ += piece.size();
          if (drained_ > core_.options.maxDrainBytes) return beginLinger(worker);
          continue;
        }
        try {
          exchange_->takePiece(piece);
        } catch (...) {
          return refuse(worker, std::current_exception());
        }
        continue;
      case BodyFraming::Result::Complete:
        return draining ? nextRequest() : dispatch(worker);
      case BodyFraming::Result::Bad:
        if (draining) return beginLinger(worker);
        return refuse(worker,
                      std::make_exception_ptr(BadRequest("Bad Request", "broken chunked coding")));
      case BodyFraming::Result::NeedMore:
        break;
    }
    if (turn >= kTurnBytes || (!readable_ && !transport_.hasPending())) return yieldRead();
    const auto result = receive(worker, framing.readSize(worker.input().size()));
    switch (result.kind) {
      case Kind::Done:
        counted_ += result.bytes;
        if (counted_ >= core_.options.minBodyRate *
                            static_cast<std::uint64_t>(core_.options.bodyRateWindow.count())) {
          startBodyWindow(worker);
        }
        continue;
      case Kind::WantRead:
        return Step::AwaitRead;
      case Kind::WantWrite:
        return Step::AwaitWrite;
      case Kind::Eof:
        return bodyEnded(worker);
      case Kind::Failed:
        return Step::Close;
    }
  }
}

// The body ended before it was complete.
Connection::Step Connection::bodyEnded(Worker& worker) {
  if (state_ == State::Drain) return Step::Close;
  if (!deadline_.expired()) {
    return refuse(worker,
                  std::make_exception_ptr(BadRequest("Bad Request", "body shorter than declared")));
  }
  core_.metrics.countRefusal(ServerMetrics::Refusal::Timeout);
  return respond(worker, Exchange::plainAnswer(408));
}

// The response

Connection::Step Connection::dispatch(Worker& worker) {
  if (exchange_->lane() == Lane::Io) {
    if (auto response = exchange_->produce()) return respond(worker, std::move(*response));
  }
  lane_ = exchange_->lane();
  state_ = State::HandlerOnLane;
  return Step::ToLane;
}

Connection::Step Connection::refuse(Worker& worker, const std::exception_ptr& thrown) {
  return respond(worker, exchange_->refusal(thrown));
}

Connection::Step Connection::respond(Worker& worker, Response response) {
  giveMemoryBackAfter(exchange_->request(), core_);
  const auto& framing = exchange_->framing();
  bool keepAlive =
      exchange_->wantsKeepAlive() && !core_.stopping.load() && !framing.bad() && !inputEnded_;
  if (!framing.complete()) {
    // What is left of the body is read away if it is little, and was not held back for a
    // "100 Continue" that never comes.
    const auto left = framing.outstanding();
    keepAlive = keepAlive && !exchange_->awaitsContinue() &&
                left.value_or(0) <= core_.options.maxDrainBytes;
  }
  if (response.webSocket() && (core_.stopping.load() || inputEnded_)) {
    response = exchange_->refusal(
        std::make_exception_ptr(Unavailable("Service Unavailable", "no time for a WebSocket")));
  }
  const auto& writer = exchange_->start(std::move(response), keepAlive, worker.httpDate());
  if (writer.response().webSocket()) {
    after_ = After::WebSocket;
  } else if (writer.keepAlive()) {
    after_ = framing.complete() ? After::NextRequest : After::Drain;
  } else {
    // Closing on unread bytes would reset the connection, and the answer with it.
    after_ = framing.complete() && unread_.empty() ? After::Close : After::Linger;
  }
  state_ = State::Write;
  deadline_.set(Deadline::Kind::Send, worker.now() + core_.options.sendStall);
  return Step::Again;
}

Connection::Step Connection::writeResponse(Worker& worker) {
  std::uint64_t moved = 0;
  auto progress = ResponseWriter::Progress::Failed;
  try {
    progress = exchange_->writer().write(transport_, worker, moved);
  } catch (const std::exception& error) {
    log::warning("http", "response cut short",
                 {{"request", exchange_->request().id()}, {"error", error.what()}});
  } catch (...) {
    log::warning("http", "response cut short", {{"request", exchange_->request().id()}});
  }
  core_.metrics.countSent(moved);
  switch (progress) {
    case ResponseWriter::Progress::Done:
      break;
    case ResponseWriter::Progress::WantRead:
    case ResponseWriter::Progress::WantWrite:
      if (moved > 0) deadline_.set(Deadline::Kind::Send, worker.now() + core_.options.sendStall);
      return progress == ResponseWriter::Progress::WantRead ? Step::AwaitRead : Step::AwaitWrite;
    case ResponseWriter::Progress::Failed:
      transport_.abort();  // An orderly end could pass for the end of the body.
      return Step::Close;
  }
  exchange_->finish();
  switch (after_) {
    case After::NextRequest:
      return nextRequest();
    case After::Drain:
      state_ = State::Drain;
      drained_ = 0;
      startBodyWindow(worker);
      return Step::Again;
    case After::Linger:
      return beginLinger(worker);
    case After::WebSocket:
      return beginWebSocket();
    case After::Close:
      break;
  }
  return Step::Close;
}

Connection::Step Connection::nextRequest() {
  exchange_.reset();
  state_ = State::Head;
  if (unread_.empty() || ++served_ < kTurnRequests) return Step::Again;
  // A socket that can be written brings the rest of the pipeline back in a moment.
  deadline_.set(Deadline::Kind::Send, Deadline::Clock::now() + core_.options.sendStall);
  return Step::AwaitWrite;
}

Connection::Step Connection::beginWebSocket() {
  auto upgrade = std::move(*exchange_->writer().response().webSocket());
  exchange_.reset();
  state_ = State::WebSocket;
  webSocket_ =
      std::make_unique<WebSocketSession>(core_, *this, transport_, deadline_, std::move(upgrade));
  return Step::ToWebSocketLoop;
}

Connection::Step Connection::serveWebSocket(Worker& worker) {
  // What came right behind the handshake; later nothing is left between turns.
  const auto early = std::exchange(unread_, {});
  switch (webSocket_->serve(worker, early)) {
    case WebSocketSession::Wait::Read:
      return Step::AwaitRead;
    case WebSocketSession::Wait::ReadOrWrite:
      return Step::AwaitEither;
    case WebSocketSession::Wait::Close:
      break;
  }
  return Step::Close;
}

Connection::Step Connection::beginLinger(Worker& worker) {
  exchange_.reset();
  unread_ = {};
  transport_.finishSending();
  counted_ = 0;
  state_ = State::Linger;
  deadline_.set(Deadline::Kind::Receive, worker.now() + kLingerTime);
  return Step::Again;
}

Connection::Step Connection::linger(Worker& worker) {
  const auto scratch = worker.input();
  std::uint64_t turn = 0;
  while (turn < kTurnBytes) {
    const auto result = transport_.discard(scratch.data(), scratch.size());
    if (result.kind == Kind::WantRead) return Step::AwaitRead;
    if (result.kind != Kind::Done) return Step::Close;
    turn += result.bytes;
    counted_ += result.bytes;
    if (counted_ > kLingerBytes) return Step::Close;
  }
  return yieldRead();
}

}  // namespace coffer::http
