// SPDX-License-Identifier: BSD-2-Clause
//
// Who listens on the hubs, and telling them (vault-extras 7). A message is encoded once and queued
// for each socket; no client can hold up the request that caused it. Nothing is kept for those who
// are not connected: they sync when they come back.
//
// Threads: any. Lifetime: outlives its sockets, which end when the HTTP server stops.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/guarded.h"
#include "appliance/http/websocket.h"
#include "services/vault/access/session.h"
#include "services/vault/notifications/notifier.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace coffer::storage {
class Database;
}

namespace coffer::vault {

class NotificationHub {
 public:
  static constexpr std::size_t kMaxAnonymousPerAddress = 25;

  NotificationHub(storage::Database& database, const Clock& clock)
      : database_(database), clock_(clock) {}

  // Queues the message for everybody it concerns. Whoever is told that the session is over is
  // disconnected behind that message.
  void publish(const Update& update);

  // For a device of somebody who is logged in. The socket is closed if the session is gone: when
  // the handshake comes, and every ten minutes, since another process may have ended it.
  std::unique_ptr<http::WebSocketHandler> userSocket(const Session& session);
  // For somebody who waits for the answer to a request to log in. Throws TooManyRequests beyond
  // kMaxAnonymousPerAddress at once.
  std::unique_ptr<http::WebSocketHandler> anonymousSocket(const std::string& requestId,
                                                          std::string_view clientAddress);
  static const http::WebSocketOptions& socketOptions();

  std::size_t listeners() const;  // Sockets that are told of things now.

 private:
  class HubSocket;
  class UserSocket;
  class AnonymousSocket;

  struct Listener {
    std::shared_ptr<http::WebSocket> socket;
    std::string device;  // "" for an anonymous one.
  };
  using Groups = std::unordered_map<std::string, std::vector<Listener>>;
  struct State {
    Groups users;
    Groups requests;
    std::unordered_map<std::string, std::size_t> anonymousByAddress;
  };

  static void leave(Groups& groups, const std::string& name, const http::WebSocket* socket);
  std::vector<Listener> listenersOf(Groups State::*groups, const std::string& name) const;

  storage::Database& database_;
  const Clock& clock_;
  Guarded<State> state_;
};

}  // namespace coffer::vault
