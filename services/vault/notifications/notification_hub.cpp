// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/notification_hub.h"

#include "appliance/base/fault.h"
#include "services/vault/access/login_throttle.h"
#include "services/vault/notifications/hub_messages.h"
#include "services/vault/notifications/hub_protocol.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

// Between two looks at the session of a socket. Another process may have ended it.
constexpr UnixMicros kSessionCheck = 10 * kMinute;

// True when the person who is told has no session there any more.
bool endsSession(const Update& update, const std::string& device) {
  return update.type == UpdateType::LogOut &&
         (update.actingDevice.empty() || device != update.actingDevice);
}

bool concerns(const Update& update, const std::string& device) {
  return update.onlyDevice.empty() || update.onlyDevice == device;
}

}  // namespace

// The part of SignalR that both hubs share.
class NotificationHub::HubSocket : public http::WebSocketHandler {
 public:
  explicit HubSocket(NotificationHub& hub) : hub_(hub) {}

  void onOpen(std::shared_ptr<http::WebSocket> socket) override { socket_ = std::move(socket); }

  void onMessage(http::MessageKind, std::string_view message) override {
    if (!hasJoined_) {
      const auto answer = answerHandshake(message);
      socket_->send(http::binaryMessage(answer.text));
      if (!answer.isAccepted) return socket_->close(http::CloseCode::Normal);
      hasJoined_ = true;
      join();
      message = answer.rest;
    }
    switch (readClientRecords(message)) {
      case ClientRecords::Ignored:
        return;
      case ClientRecords::Close:
        return socket_->close(http::CloseCode::Normal);
      case ClientRecords::Broken:
        return socket_->close(http::CloseCode::ProtocolError);
    }
  }

 protected:
  virtual void join() = 0;

  NotificationHub& hub_;
  std::shared_ptr<http::WebSocket> socket_;
  bool hasJoined_ = false;
};

class NotificationHub::UserSocket final : public HubSocket {
 public:
  UserSocket(NotificationHub& hub, const Session& session)
      : HubSocket(hub), session_(session), checkAt_(hub.clock_.now() + kSessionCheck) {}
  ~UserSocket() override {
    if (!hasJoined_) return;
    hub_.state_.with([this](State& state) { leave(state.users, session_.userId, socket_.get()); });
  }

  void onHeartbeat() override {
    const UnixMicros now = hub_.clock_.now();
    if (now < checkAt_) return;
    checkAt_ = now + kSessionCheck;
    if (!isOngoing()) socket_->close(http::CloseCode::PolicyViolation);
  }

 private:
  void join() override {
    hub_.state_.with([this](State& state) {
      state.users[session_.userId].push_back({socket_, session_.deviceIdentifier});
    });
    // Who is told that the session is over are those who have joined; it may have ended before.
    if (!isOngoing()) socket_->close(http::CloseCode::PolicyViolation);
  }

  bool isOngoing() const {
    return hub_.database_.read([this](storage::Transaction& tx) {
      const auto state =
          storage::UserStore(tx).findSession(session_.userId, session_.deviceIdentifier);
      return state && !state->disabled && state->deviceKnown &&
             state->securityStamp == session_.securityStamp;
    });
  }

  const Session session_;
  UnixMicros checkAt_;
};

class NotificationHub::AnonymousSocket final : public HubSocket {
 public:
  AnonymousSocket(NotificationHub& hub, std::string requestId, std::string address)
      : HubSocket(hub), requestId_(std::move(requestId)), address_(std::move(address)) {
    const bool isTaken = hub_.state_.with([this](State& state) {
      auto& count = state.anonymousByAddress[address_];
      if (count >= kMaxAnonymousPerAddress) return false;
      ++count;
      return true;
    });
    if (!isTaken) throw TooManyRequests("Too many connections.");
  }
  ~AnonymousSocket() override {
    hub_.state_.with([this](State& state) {
      if (hasJoined_) leave(state.requests, requestId_, socket_.get());
      const auto counted = state.anonymousByAddress.find(address_);
      if (--counted->second == 0) state.anonymousByAddress.erase(counted);
    });
  }

 private:
  void join() override {
    hub_.state_.with([this](State& state) { state.requests[requestId_].push_back({socket_, ""}); });
  }

  const std::string requestId_;
  const std::string address_;
};

void NotificationHub::leave(Groups& groups, const std::string& name,
                            const http::WebSocket* socket) {
  const auto group = groups.find(name);
  if (group == groups.end()) return;
  std::erase_if(group->second,
                [socket](const Listener& listener) { return listener.socket.get() == socket; });
  if (group->second.empty()) groups.erase(group);
}

// A copy: sending takes locks of its own.
std::vector<NotificationHub::Listener> NotificationHub::listenersOf(Groups State::*groups,
                                                                    const std::string& name) const {
  return state_.with([&](const State& state) {
    const auto found = (state.*groups).find(name);
    return found == (state.*groups).end() ? std::vector<Listener>() : found->second;
  });
}

void NotificationHub::publish(const Update& update) {
  http::SharedFrame message;
  for (const auto& [socket, device] : listenersOf(&State::users, update.userId)) {
    if (!concerns(update, device)) continue;
    if (!message) message = http::binaryMessage(userRecord(update));
    socket->send(message);
    if (endsSession(update, device)) socket->close(http::CloseCode::Normal);
  }
  if (update.type != UpdateType::AuthRequestResponse) return;
  for (const auto& listener : listenersOf(&State::requests, update.id)) {
    listener.socket->send(http::binaryMessage(anonymousRecord(update)));
  }
}

std::unique_ptr<http::WebSocketHandler> NotificationHub::userSocket(const Session& session) {
  return std::make_unique<UserSocket>(*this, session);
}

std::unique_ptr<http::WebSocketHandler> NotificationHub::anonymousSocket(
    const std::string& requestId, std::string_view clientAddress) {
  return std::make_unique<AnonymousSocket>(*this, requestId, throttleName(clientAddress));
}

const http::WebSocketOptions& NotificationHub::socketOptions() {
  static const http::WebSocketOptions options = [] {
    http::WebSocketOptions made;
    made.heartbeat = http::binaryMessage(kPingRecord);
    return made;
  }();
  return options;
}

std::size_t NotificationHub::listeners() const {
  return state_.with([](const State& state) {
    std::size_t count = 0;
    for (const auto& group : state.users) count += group.second.size();
    for (const auto& group : state.requests) count += group.second.size();
    return count;
  });
}

}  // namespace coffer::vault
