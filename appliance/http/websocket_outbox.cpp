// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/websocket_outbox.h"

#include "appliance/http/websocket_frame.h"
#include "appliance/http/websocket_loop.h"

#include <utility>

namespace coffer::http {

// Tells the loop under the lock: attach(nullptr) takes it too, so no loop is told that has ended.
void WebSocketOutbox::enqueue(SharedFrame frame) {
  if (frame->size() > maxQueued_ - queued_) {
    state_ = State::CutOff;
    std::vector<SharedFrame>().swap(frames_);
    queued_ = 0;
  } else {
    queued_ += frame->size();
    frames_.push_back(std::move(frame));
  }
  if (!std::exchange(isKnownToLoop_, true)) loop_.wake(shared_from_this());
}

bool WebSocketOutbox::send(SharedFrame message) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Open) return false;
  enqueue(std::move(message));
  metrics_.countWebSocketMessage(ServerMetrics::Direction::Sent);
  return true;
}

void WebSocketOutbox::closeWith(std::uint16_t code) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Open) return;
  state_ = State::Closing;
  enqueue(std::make_shared<const std::string>(encodeCloseFrame(code)));
}

void WebSocketOutbox::pong(std::string_view payload) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::Open) {
    enqueue(std::make_shared<const std::string>(encodeFrame(Opcode::Pong, payload)));
  }
}

SharedFrame WebSocketOutbox::takeAll() {
  std::vector<SharedFrame> frames;
  std::size_t size = 0;
  {
    const std::lock_guard lock(mutex_);
    frames.swap(frames_);
    size = std::exchange(queued_, 0);
  }
  if (frames.empty()) return nullptr;
  if (frames.size() == 1) return std::move(frames.front());
  auto joined = std::make_shared<std::string>();
  joined->reserve(size);
  for (const auto& frame : frames) *joined += *frame;
  return joined;
}

WebSocketOutbox::State WebSocketOutbox::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void WebSocketOutbox::attach(Connection* connection) {
  connection_ = connection;
  if (connection) return;
  const std::lock_guard lock(mutex_);
  state_ = State::CutOff;
  std::vector<SharedFrame>().swap(frames_);
  queued_ = 0;
}

void WebSocketOutbox::noticed() {
  const std::lock_guard lock(mutex_);
  isKnownToLoop_ = false;
}

}  // namespace coffer::http
