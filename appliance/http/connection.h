// SPDX-License-Identifier: BSD-2-Clause
//
// One client connection: a state machine over a non-blocking socket. It is driven by whichever
// thread holds it, and held by nobody while it waits for the socket.
//
//   FirstByte → Handshake → Head → [GuardOnLane → Guarded] → [Continue] → Body
//             → [HandlerOnLane] → Write → Head, or Drain → Head, or Linger → closed,
//               or WebSocket, where the WebSockets' own thread drives it to its end
//
// Between requests it holds no buffer and no request: about 400 bytes.
#pragma once

#include "appliance/http/connection_registry.h"
#include "appliance/http/deadline.h"
#include "appliance/http/exchange.h"
#include "appliance/http/head_parser.h"
#include "appliance/http/poller.h"
#include "appliance/http/server_core.h"
#include "appliance/http/transport.h"
#include "appliance/http/websocket_session.h"
#include "appliance/http/worker.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::http {

class Connection final : public Pollable {
 public:
  Connection(ServerCore& core, const ListenerSettings& listener, UniqueFd socket, Peer peer);
  ~Connection() override;

  // Hands the connection to the workers. It may be gone when this returns.
  void launch();
  void onEvent(Worker& worker) override;
  void onHeartbeat() { webSocket_->heartbeat(); }  // Of a WebSocket, on its thread.

  // For the registry.
  const Peer& peer() const { return peer_; }
  int fd() const { return transport_.fd(); }
  Deadline& deadline() { return deadline_; }
  void setEntry(ConnectionRegistry::Entry entry) { entry_ = entry; }
  ConnectionRegistry::Entry entry() const { return entry_; }

 private:
  enum class State : std::uint8_t {
    FirstByte,  // A TLS listener: does the client speak TLS at all?
    Handshake,
    Head,  // Between requests, or in the middle of a head.
    GuardOnLane,
    Guarded,   // The guard has decided, back on a worker.
    Continue,  // Sending "100 Continue".
    Body,
    HandlerOnLane,
    Write,
    Drain,   // Reading away the rest of a body whose answer has been sent.
    Linger,  // Nothing more is sent; the client is given time to read the answer.
    WebSocket,
  };
  enum class Step : std::uint8_t {
    Again,
    AwaitRead,
    AwaitWrite,
    AwaitEither,
    ToLane,
    ToWebSocketLoop,
    Close
  };
  enum class After : std::uint8_t { NextRequest, Drain, Linger, WebSocket, Close };

  void drive(Worker& worker);
  Step advance(Worker& worker);
  void park(std::uint32_t events);
  bool passToLane();
  void refuseForLane(Worker& worker);
  void runOnLane();
  void passToWebSocketLoop();

  // connection.cpp
  Step readFirstByte(Worker& worker);
  Step handshake();
  Step readHead(Worker& worker);
  Step awaitHead(Worker& worker);
  Step beginExchange(Worker& worker);
  Step refuseHead(Worker& worker, int status, std::string_view reason);

  // connection_message.cpp
  Step openBody(Worker& worker);
  Step sendContinue();
  Step pumpBody(Worker& worker);
  Step bodyEnded(Worker& worker);
  Step dispatch(Worker& worker);
  Step refuse(Worker& worker, const std::exception_ptr& thrown);
  Step respond(Worker& worker, Response response);
  Step writeResponse(Worker& worker);
  Step nextRequest();
  Step beginWebSocket();
  Step serveWebSocket(Worker& worker);
  Step beginLinger(Worker& worker);
  Step linger(Worker& worker);

  // connection.cpp
  IoResult receive(Worker& worker, std::size_t most);
  Step yieldRead() const;
  void keepUnread();
  void startBodyWindow(Worker& worker);

  ServerCore& core_;
  const ListenerSettings& listener_;
  Transport transport_;
  const Peer peer_;
  std::string certificateName_;
  Deadline deadline_;
  ConnectionRegistry::Entry entry_{};
  // Stored before the socket is armed and loaded after an event: what one thread wrote the next
  // one sees.
  std::atomic<unsigned> handover_{0};

  State state_;
  After after_ = After::Close;
  Lane lane_ = Lane::Disk;
  bool readable_ = true;     // The socket may have bytes that have not been asked for.
  bool inputEnded_ = false;  // By the client, or by the sweeper.
  unsigned served_ = 0;      // Requests in this turn.
  bool headBegun_ = false;   // The head's deadline runs.
  bool countedIdle_ = false;
  // Received and not yet used: in the worker's buffer during a turn, in `kept_` between turns.
  std::string_view unread_;
  std::string kept_;
  HeadScanner scanner_;
  std::uint64_t counted_ = 0;  // Bytes in this window of a body, or lingered over.
  std::uint64_t drained_ = 0;
  std::size_t continueSent_ = 0;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<WebSocketSession> webSocket_;
};

}  // namespace coffer::http
