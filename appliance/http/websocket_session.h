// SPDX-License-Identifier: BSD-2-Clause
//
// A connection that has become a WebSocket: reads messages for the handler, sends what the outbox
// holds, and keeps the rules of closing (RFC 6455 section 7). Lives in its Connection, which owns
// the socket and its deadline.
//
// Threads: made on a worker, then the loop's thread only.
#pragma once

#include "appliance/http/deadline.h"
#include "appliance/http/server_core.h"
#include "appliance/http/transport.h"
#include "appliance/http/websocket.h"
#include "appliance/http/websocket_outbox.h"
#include "appliance/http/websocket_parser.h"
#include "appliance/http/worker.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace coffer::http {

class WebSocketSession {
 public:
  WebSocketSession(ServerCore& core, Connection& connection, Transport& transport,
                   Deadline& deadline, WebSocketUpgrade upgrade);
  ~WebSocketSession();
  WebSocketSession(const WebSocketSession&) = delete;
  WebSocketSession& operator=(const WebSocketSession&) = delete;

  // What the connection waits for next.
  enum class Wait : std::uint8_t { Read, ReadOrWrite, Close };
  // Receives and sends what it can. `early`: what came before, together with the handshake.
  Wait serve(Worker& worker, std::string_view early);
  void heartbeat();

 private:
  enum class Phase : std::uint8_t {
    New,       // The handler has not been told.
    Open,      //
    Failed,    // The client broke the protocol: what it sends is thrown away.
    Answered,  // The client's close has come: ours is the last thing sent.
  };

  void open(Worker& worker);
  Wait receive(Worker& worker);
  void consume(std::string_view bytes, Worker& worker);
  void take(const WebSocketParser::Event& event);
  void heard(Worker& worker);
  Wait inputEnded(Worker& worker);
  Wait flush(Wait wait, Worker& worker);
  Wait closeSent(Wait wait, Worker& worker);

  ServerCore& core_;
  Connection& connection_;
  Transport& transport_;
  Deadline& deadline_;
  const WebSocketOptions options_;
  const std::shared_ptr<WebSocketOutbox> outbox_;
  WebSocketParser parser_;
  SharedFrame sending_;  // Partly sent …
  std::size_t sent_ = 0;
  Phase phase_ = Phase::New;
  bool hasSpoken_ = false;  // The client, a message.
  bool closeSent_ = false;
  std::unique_ptr<WebSocketHandler> handler_;
};

}  // namespace coffer::http
