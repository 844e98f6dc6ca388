// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/push_relay.h"

#include "appliance/base/log.h"
#include "appliance/outbound/form_body.h"
#include "appliance/outbound/outbound_fault.h"
#include "services/vault/notifications/push_payload.h"
#include "services/vault/vault_metrics.h"
#include "storage/database/database.h"
#include "storage/stores/device_store.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace coffer::vault {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::size_t kMaxAnswer = 64 * 1024;
constexpr int kUnauthorized = 401;

bool isSuccess(int status) { return status >= 200 && status < 300; }

}  // namespace

PushRelay::PushRelay(storage::Database& database, const Clock& clock,
                     const outbound::HttpClient& outbound, const PushOptions& options,
                     VaultMetrics& metrics)
    : database_(database),
      clock_(clock),
      outbound_(outbound),
      options_(options),
      metrics_(metrics) {}

void PushRelay::publish(const Update& update) {
  if (isRelayed(update)) post([this, update] { relay(update); });
}

void PushRelay::registerDevice(std::string userId, std::string identifier) {
  post([this, userId = std::move(userId), identifier = std::move(identifier)] {
    callRegister(userId, identifier);
  });
}

void PushRelay::unregister(const std::vector<std::string>& pushUuids) {
  for (const auto& uuid : pushUuids) {
    post([this, uuid] { call("/push/delete", pushDeleteBody(uuid)); });
  }
}

// The queue and its thread

void PushRelay::post(Job job) {
  if (!options_.isEnabled) return;
  const std::lock_guard lock(mutex_);
  if (isStopping_ || jobs_.size() >= kMaxQueued) {
    metrics_.countPush(PushResult::Dropped);
    return;
  }
  jobs_.push_back(std::move(job));
  if (!isStarted_) return;
  try {
    if (!thread_) thread_ = std::make_unique<http::SmallThread>("push", [this] { work(); });
  } catch (const std::exception& error) {
    log::error("vault", "no thread for the push relay", {{"reason", error.what()}});
  }
  wake_.notify_one();
}

void PushRelay::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return isStopping_ || !jobs_.empty(); });
    if (isStopping_) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    run(job);
    lock.lock();
  }
}

void PushRelay::run(const Job& job) {
  try {
    job();
  } catch (const std::exception& error) {
    metrics_.countPush(PushResult::Failed);
    log::warning("vault", "push relay", {{"reason", error.what()}});
  }
}

void PushRelay::start() {
  const std::lock_guard lock(mutex_);
  isStarted_ = true;
}

void PushRelay::stop() {
  std::unique_ptr<http::SmallThread> ending;  // Joins.
  {
    const std::lock_guard lock(mutex_);
    isStopping_ = true;
    ending.swap(thread_);
  }
  wake_.notify_all();
}

void PushRelay::runQueued() {
  std::deque<Job> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(jobs_);
  }
  for (const auto& job : jobs) run(job);
}

// The calls

void PushRelay::relay(const Update& update) {
  const auto devices = database_.read(
      [&](storage::Transaction& tx) { return storage::DeviceStore(tx).list(update.userId); });
  ActingDevice acting{{}, update.actingDevice};
  bool hasReceiver = false;
  for (const auto& device : devices) {
    if (!device.pushUuid) continue;
    if (device.identifier == update.actingDevice) {
      acting.pushUuid = *device.pushUuid;
    } else {
      hasReceiver = true;
    }
  }
  if (hasReceiver) call("/push/send", pushSendBody(update, acting));
}

void PushRelay::callRegister(const std::string& userId, const std::string& identifier) {
  const auto device = database_.read(
      [&](storage::Transaction& tx) { return storage::DeviceStore(tx).find(userId, identifier); });
  if (!device || !device->pushToken || !device->pushUuid) return;
  call("/push/register",
       pushRegisterBody({*device->pushUuid, *device->pushToken, device->userId, device->identifier,
                         device->type, options_.installationId}));
}

// Once more with a new token when the relay does not know the one it gave.
void PushRelay::call(std::string_view path, std::string body) {
  int status = tryCall(path, body);
  if (status == kUnauthorized) {
    tokenUntil_ = 0;
    status = tryCall(path, body);
  }
  if (!isSuccess(status)) {
    throw std::runtime_error(std::string(path) + " answered " + std::to_string(status));
  }
  metrics_.countPush(PushResult::Sent);
}

int PushRelay::tryCall(std::string_view path, const std::string& body) {
  outbound::HttpRequest request;
  request.method = "POST";
  request.url = options_.relay + std::string(path);
  request.headers = {{"Authorization", "Bearer " + accessToken().reveal()},
                     {"Accept", "application/json"},
                     {"Content-Type", "application/json"}};
  request.body = body;
  request.maxBody = kMaxAnswer;
  request.timeout = kTimeout;
  return outbound_.send(request).status;
}

const Secret& PushRelay::accessToken() {
  if (clock_.now() < tokenUntil_) return token_;
  outbound::HttpRequest request;
  request.method = "POST";
  request.url = options_.identity + "/connect/token";
  request.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = outbound::formBody({{"grant_type", "client_credentials"},
                                     {"scope", "api.push"},
                                     {"client_id", "installation." + options_.installationId},
                                     {"client_secret", options_.installationKey.reveal()}});
  request.maxBody = kMaxAnswer;
  request.timeout = kTimeout;
  const auto answer = outbound_.send(request);
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (!isSuccess(answer.status) || !json.is_object() || !json.contains("access_token") ||
      !json["access_token"].is_string()) {
    throw std::runtime_error("no token for the push relay, status " +
                             std::to_string(answer.status));
  }
  const auto seconds = json.value("expires_in", std::int64_t{0});
  token_ = Secret(json["access_token"].get<std::string>());
  // Half of its life: what is under way must not meet its end.
  tokenUntil_ = clock_.now() + std::clamp<std::int64_t>(seconds, 0, 86'400) * kSecond / 2;
  return token_;
}

// What the stores know

std::vector<std::string> pushUuidsOf(storage::Transaction& tx, std::string_view userId) {
  std::vector<std::string> uuids;
  for (auto& device : storage::DeviceStore(tx).list(userId)) {
    if (device.pushUuid) uuids.push_back(std::move(*device.pushUuid));
  }
  return uuids;
}

std::vector<std::string> pushUuidsOf(storage::Transaction& tx, std::string_view userId,
                                     std::string_view identifier) {
  const auto device = storage::DeviceStore(tx).find(userId, identifier);
  if (!device || !device->pushUuid) return {};
  return {*device->pushUuid};
}

}  // namespace coffer::vault
