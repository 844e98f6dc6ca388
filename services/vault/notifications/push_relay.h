// SPDX-License-Identifier: BSD-2-Clause
//
// Tells phones through the push relay, which is the only way to wake them (vault-extras 8). Off
// unless configured. Work is queued and done by one thread of its own, started with the first of
// it; what fails is logged and counted and not tried again: a phone that missed something syncs
// when it is opened.
//
// Threads: any. Lifetime: references must outlive it.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/secret.h"
#include "appliance/http/small_thread.h"
#include "appliance/outbound/http_client.h"
#include "services/vault/notifications/notifier.h"
#include "services/vault/vault_options.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::storage {
class Database;
class Transaction;
}  // namespace coffer::storage

namespace coffer::vault {

class VaultMetrics;

class PushRelay {
 public:
  static constexpr std::size_t kMaxQueued = 1000;  // More is dropped.

  PushRelay(storage::Database& database, const Clock& clock, const outbound::HttpClient& outbound,
            const PushOptions& options, VaultMetrics& metrics);
  ~PushRelay() { stop(); }

  [[nodiscard]] bool isEnabled() const { return options_.isEnabled; }

  // All of these return at once and do nothing while the relay is off.
  void publish(const Update& update);
  // The device has a push token; called when it gets one and at every login.
  void registerDevice(std::string userId, std::string identifier);
  // Push uuids of devices that are gone, as the transaction that removed them found out:
  //   auto uuids = pushUuidsOf(tx, userId); … remove … commit; relay.unregister(uuids);
  void unregister(const std::vector<std::string>& pushUuids);

  // Before start() what is queued waits. stop() gives up what has not been begun.
  void start();
  void stop();
  // Does what is queued on this thread; for tests.
  void runQueued();

 private:
  using Job = std::function<void()>;

  void post(Job job);
  void work();
  void run(const Job& job);
  void relay(const Update& update);
  void callRegister(const std::string& userId, const std::string& identifier);
  void call(std::string_view path, std::string body);
  int tryCall(std::string_view path, const std::string& body);
  const Secret& accessToken();

  storage::Database& database_;
  const Clock& clock_;
  const outbound::HttpClient& outbound_;
  const PushOptions& options_;
  VaultMetrics& metrics_;

  Secret token_;  // The thread's own, like its end.
  UnixMicros tokenUntil_ = 0;

  std::mutex mutex_;  // Protects what follows.
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool isStarted_ = false;
  bool isStopping_ = false;
  std::unique_ptr<http::SmallThread> thread_;
};

// Of the devices of a user that are registered, or of that one.
std::vector<std::string> pushUuidsOf(storage::Transaction& tx, std::string_view userId);
std::vector<std::string> pushUuidsOf(storage::Transaction& tx, std::string_view userId,
                                     std::string_view identifier);

}  // namespace coffer::vault
