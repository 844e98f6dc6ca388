// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/websocket_session.h"

#include "appliance/base/log.h"
#include "appliance/http/connection.h"

#include <sys/socket.h>

#include <utility>

namespace coffer::http {
namespace {

using Kind = IoResult::Kind;
using Drop = ServerMetrics::WebSocketDrop;

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kTurnBytes = 64 * 1024;  // Then other sockets have their turn.
constexpr std::chrono::seconds kCloseTime{2};  // For the client to answer a close.
// What the kernel may hold for a client that does not read. Without it a slow one takes megabytes
// before anybody notices.
constexpr int kKernelBuffer = 64 * 1024;

}  // namespace

WebSocketSession::WebSocketSession(ServerCore& core, Connection& connection, Transport& transport,
                                   Deadline& deadline, WebSocketUpgrade upgrade)
    : core_(core),
      connection_(connection),
      transport_(transport),
      deadline_(deadline),
      options_(std::move(upgrade.options)),
      outbox_(std::make_shared<WebSocketOutbox>(core.webSockets, core.metrics, options_.maxQueued)),
      parser_(options_.maxMessage),
      handler_(std::move(upgrade.handler)) {
  ::setsockopt(transport_.fd(), SOL_SOCKET, SO_SNDBUF, &kKernelBuffer, sizeof kKernelBuffer);
  core_.metrics.webSocketOpened();
}

WebSocketSession::~WebSocketSession() {
  outbox_->attach(nullptr);
  if (phase_ != Phase::New) core_.webSockets.leave(connection_);
  core_.metrics.webSocketClosed();
}

WebSocketSession::Wait WebSocketSession::serve(Worker& worker, std::string_view early) {
  if (phase_ == Phase::New) open(worker);
  if (!early.empty()) consume(early, worker);
  return flush(receive(worker), worker);
}

void WebSocketSession::open(Worker& worker) {
  phase_ = Phase::Open;
  core_.webSockets.enter(connection_);
  outbox_->attach(&connection_);
  deadline_.set(Deadline::Kind::Idle, worker.now() + options_.firstMessageWithin);
  handler_->onOpen(outbox_);
  // Set first, looked at second, as for idle connections.
  if (core_.stopping.load()) outbox_->close(CloseCode::GoingAway);
}

void WebSocketSession::heartbeat() {
  if (phase_ != Phase::Open) return;
  if (hasSpoken_ && options_.heartbeat) outbox_->send(options_.heartbeat);
  try {
    handler_->onHeartbeat();
  } catch (const std::exception& error) {
    log::error("http", "heartbeat of a WebSocket", {{"error", error.what()}});
    outbox_->close(CloseCode::InternalError);
  }
}

// Input

WebSocketSession::Wait WebSocketSession::receive(Worker& worker) {
  const auto buffer = worker.input().first(kReadBytes);
  for (std::size_t turn = 0; turn < kTurnBytes;) {
    const auto result = transport_.read(buffer.data(), buffer.size());
    switch (result.kind) {
      case Kind::Done:
        core_.metrics.countReceived(result.bytes);
        turn += result.bytes;
        consume({buffer.data(), result.bytes}, worker);
        continue;
      case Kind::WantRead:
        return Wait::Read;
      case Kind::WantWrite:
        return Wait::ReadOrWrite;
      case Kind::Eof:
        return inputEnded(worker);
      case Kind::Failed:
        return Wait::Close;
    }
  }
  return Wait::ReadOrWrite;  // Being writable brings it back at once.
}

void WebSocketSession::consume(std::string_view bytes, Worker& worker) {
  while (!bytes.empty() && phase_ == Phase::Open) {
    const auto event = parser_.next(bytes);
    if (event.kind == WebSocketParser::Kind::NeedMore) break;
    take(event);
  }
  if (phase_ == Phase::Open && !closeSent_) heard(worker);
}

void WebSocketSession::take(const WebSocketParser::Event& event) {
  switch (event.kind) {
    case WebSocketParser::Kind::Text:
    case WebSocketParser::Kind::Binary:
      core_.metrics.countWebSocketMessage(ServerMetrics::Direction::Received);
      hasSpoken_ = true;
      if (outbox_->state() != WebSocketOutbox::State::Open) return;
      handler_->onMessage(
          event.kind == WebSocketParser::Kind::Text ? MessageKind::Text : MessageKind::Binary,
          event.payload);
      return;
    case WebSocketParser::Kind::Ping:
      outbox_->pong(event.payload);
      return;
    case WebSocketParser::Kind::Close:
      phase_ = Phase::Answered;
      outbox_->closeWith(event.code);
      return;
    case WebSocketParser::Kind::Bad:
      phase_ = Phase::Failed;
      core_.metrics.countWebSocketDrop(Drop::Protocol);
      outbox_->closeWith(event.code);
      return;
    case WebSocketParser::Kind::Pong:
    case WebSocketParser::Kind::NeedMore:
      return;
  }
}

// Until the first message the time runs on, whatever else is sent.
void WebSocketSession::heard(Worker& worker) {
  if (hasSpoken_) deadline_.set(Deadline::Kind::Idle, worker.now() + options_.silence);
}

// By the client, or by the sweeper, or because the server stops: the last two say good-bye.
WebSocketSession::Wait WebSocketSession::inputEnded(Worker& worker) {
  if (phase_ == Phase::Answered) flush(Wait::Read, worker);  // Once; it waits for nothing more.
  const bool isSilent = deadline_.expired();
  if (isSilent && !closeSent_) core_.metrics.countWebSocketDrop(Drop::Silent);
  if (!isSilent && !core_.stopping.load()) return Wait::Close;
  if (!closeSent_ && !sending_) {
    transport_.write(encodeCloseFrame(static_cast<std::uint16_t>(CloseCode::GoingAway)));
  }
  return Wait::Close;
}

// Output

WebSocketSession::Wait WebSocketSession::flush(Wait wait, Worker& worker) {
  if (wait == Wait::Close || closeSent_) return closeSent(wait, worker);
  for (;;) {
    if (outbox_->state() == WebSocketOutbox::State::CutOff) {
      core_.metrics.countWebSocketDrop(Drop::Slow);
      transport_.abort();  // What the kernel still holds is of no use to anybody.
      return Wait::Close;
    }
    if (!sending_) {
      // Looked at before: what is queued in between comes as mail.
      const bool isLast = outbox_->state() == WebSocketOutbox::State::Closing;
      sending_ = outbox_->takeAll();
      sent_ = 0;
      if (!sending_) return isLast ? closeSent(wait, worker) : wait;
    }
    const auto result = transport_.write(std::string_view(*sending_).substr(sent_));
    switch (result.kind) {
      case Kind::Done:
        core_.metrics.countSent(result.bytes);
        sent_ += result.bytes;
        if (sent_ == sending_->size()) sending_.reset();
        continue;
      case Kind::WantWrite:
        return Wait::ReadOrWrite;
      case Kind::WantRead:
        return Wait::Read;
      case Kind::Eof:
      case Kind::Failed:
        return Wait::Close;
    }
  }
}

// Our close frame has gone out. Whoever began, the client closes last or has two seconds: closing
// on what it still sends would reset the connection, and the frame with it.
WebSocketSession::Wait WebSocketSession::closeSent(Wait wait, Worker& worker) {
  if (wait == Wait::Close || phase_ == Phase::Answered) return Wait::Close;
  if (!std::exchange(closeSent_, true)) {
    deadline_.set(Deadline::Kind::Idle, worker.now() + kCloseTime);
    if (phase_ == Phase::Failed) transport_.finishSending();
  }
  return wait;
}

}  // namespace coffer::http
