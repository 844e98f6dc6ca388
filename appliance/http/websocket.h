// SPDX-License-Identifier: BSD-2-Clause
//
// WebSockets (RFC 6455) as a service sees them: a handler returns Response::upgrade() with an
// object that hears what the client says, and is given a socket to speak through. An open socket
// holds no thread and no buffer. docs/decisions/0007-websocket.md says why it is made this way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::http {

// A message as it goes over the wire: made once, sent to any number of sockets.
using SharedFrame = std::shared_ptr<const std::string>;
SharedFrame textMessage(std::string_view utf8);
SharedFrame binaryMessage(std::string_view bytes);

// RFC 6455 section 7.4.1.
enum class CloseCode : std::uint16_t {
  Normal = 1000,
  GoingAway = 1001,
  ProtocolError = 1002,
  BadText = 1007,
  PolicyViolation = 1008,
  TooBig = 1009,
  InternalError = 1011,
};

// An open socket. Threads: any. May be kept longer than the connection lives.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // Queues a message and returns at once. False when the socket is closed or closing. A client that
  // leaves more than WebSocketOptions::maxQueued waiting is cut off.
  virtual bool send(SharedFrame message) = 0;
  // Sends what is queued, says why, and closes. What the client still sends is not heard.
  virtual void close(CloseCode code) = 0;
};

enum class MessageKind : std::uint8_t { Text, Binary };

// The service's part. All calls come from one thread, the same for every socket of a server, so
// none may wait for anything. What one throws closes the socket. Destroyed, on that thread, when
// the socket is gone; without onOpen() when the client never saw the upgrade.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void onOpen(std::shared_ptr<WebSocket> socket) = 0;
  // A whole message, however many frames it came in; text is valid UTF-8.
  virtual void onMessage(MessageKind kind, std::string_view message) = 0;
  // Every ServerOptions::heartbeat.
  virtual void onHeartbeat() {}
};

struct WebSocketOptions {
  std::size_t maxMessage = 4 * 1024;            // From the client, in bytes; more closes with 1009.
  std::size_t maxQueued = 64 * 1024;            // To the client, beside what the kernel holds.
  std::chrono::seconds firstMessageWithin{15};  // Of the upgrade, or the socket is closed.
  std::chrono::seconds silence{60};  // Nothing at all from the client for so long: closed.
  SharedFrame heartbeat;  // Not null: sent every ServerOptions::heartbeat, after the first message.
};

// What Response::upgrade() carries.
struct WebSocketUpgrade {
  std::unique_ptr<WebSocketHandler> handler;
  WebSocketOptions options;
};

}  // namespace coffer::http
