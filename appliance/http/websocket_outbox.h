// SPDX-License-Identifier: BSD-2-Clause
//
// What waits to be sent over one WebSocket: filled from any thread, emptied by the loop's. It
// outlives the connection as long as somebody keeps it, and then takes nothing any more.
#pragma once

#include "appliance/http/metrics.h"
#include "appliance/http/websocket.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace coffer::http {

class Connection;
class WebSocketLoop;

class WebSocketOutbox final : public WebSocket,
                              public std::enable_shared_from_this<WebSocketOutbox> {
 public:
  // `loop` is told when there is something to send.
  WebSocketOutbox(WebSocketLoop& loop, ServerMetrics& metrics, std::size_t maxQueued)
      : loop_(loop), metrics_(metrics), maxQueued_(maxQueued) {}

  bool send(SharedFrame message) override;
  void close(CloseCode code) override { closeWith(static_cast<std::uint16_t>(code)); }
  void closeWith(std::uint16_t code);
  void pong(std::string_view payload);

  // The rest is the loop's thread's.

  // Everything that waits, in one piece; null when nothing does.
  SharedFrame takeAll();
  enum class State { Open, Closing, CutOff };
  // Closing: once takeAll() has given what was left, the close frame was its end.
  State state() const;
  // Whose socket it is; null once that has gone, and then nothing is taken.
  void attach(Connection* connection);
  Connection* connection() const { return connection_; }
  // The loop has heard of what waits.
  void noticed();

 private:
  void enqueue(SharedFrame frame);

  WebSocketLoop& loop_;
  ServerMetrics& metrics_;
  const std::size_t maxQueued_;
  Connection* connection_ = nullptr;

  mutable std::mutex mutex_;  // Protects what follows.
  std::vector<SharedFrame> frames_;
  std::size_t queued_ = 0;
  State state_ = State::Open;
  bool isKnownToLoop_ = false;
};

}  // namespace coffer::http
