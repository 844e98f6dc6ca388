// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace coffer::http {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Count = std::atomic<std::uint64_t>;
using Level = std::atomic<std::int64_t>;
using Labels = std::vector<ClientMetric::Label>;

// Seconds; the last bucket, without a bound, follows.
constexpr std::array kBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};

constexpr std::array<const char*, 5> kClasses = {"1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::array<const char*, 6> kRefusals = {"total",    "per_address", "descriptors",
                                                  "bad_head", "timeout",     "handshake"};
constexpr std::array<const char*, 2> kDirections = {"received", "sent"};
constexpr std::array<const char*, 3> kDrops = {"slow", "silent", "protocol"};

// Stand in for the labels of requests that no row answered.
constexpr std::string_view kNoService = "none";
constexpr std::string_view kNoRoute = "unmatched";
constexpr std::string_view kNoMethod = "any";

// All counts of one series of labels. A reader may see a request in one count and not yet in the
// next; each count alone only grows.
struct RouteRecord {
  std::string service;
  std::string route;
  std::string method;

  std::array<Count, kClasses.size()> byClass{};
  std::array<Count, kBounds.size() + 1> buckets{};
  Count nanoseconds{0};

  void count(int status, std::chrono::nanoseconds duration) {
    const auto statusClass = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
    const double elapsed = std::chrono::duration<double>(duration).count();
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), elapsed);
    const auto bucket = static_cast<std::size_t>(bound - kBounds.begin());
    byClass[statusClass].fetch_add(1, std::memory_order_relaxed);
    buckets[bucket].fetch_add(1, std::memory_order_relaxed);
    const auto spent = std::max<std::chrono::nanoseconds::rep>(duration.count(), 0);
    nanoseconds.fetch_add(static_cast<std::uint64_t>(spent), std::memory_order_relaxed);
  }
};

std::uint64_t valueOf(const Count& count) { return count.load(std::memory_order_relaxed); }

ClientMetric counter(Labels labels, std::uint64_t value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  return metric;
}

ClientMetric gauge(Labels labels, std::int64_t value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = static_cast<double>(value);
  return metric;
}

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily made;
  made.name = std::move(name);
  made.help = std::move(help);
  made.type = type;
  return made;
}

void addRequestCounts(MetricFamily& into, const RouteRecord& record) {
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    const std::uint64_t value = valueOf(record.byClass[i]);
    if (value == 0) continue;
    into.metric.push_back(counter({{"service", record.service},
                                   {"route", record.route},
                                   {"method", record.method},
                                   {"status", kClasses[i]}},
                                  value));
  }
}

void addDurations(MetricFamily& into, const RouteRecord& record) {
  ClientMetric metric;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < record.buckets.size(); ++i) {
    total += valueOf(record.buckets[i]);
    ClientMetric::Bucket bucket;
    bucket.cumulative_count = total;
    bucket.upper_bound = i < kBounds.size() ? kBounds[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back(bucket);
  }
  if (total == 0) return;
  metric.histogram.sample_count = total;
  metric.histogram.sample_sum = static_cast<double>(valueOf(record.nanoseconds)) / 1e9;
  metric.label = {{"service", record.service}, {"route", record.route}, {"method", record.method}};
  into.metric.push_back(std::move(metric));
}

}  // namespace

struct ServerMetrics::State {
  // Filled by registerService, constant once the server runs; only the counts in it change.
  std::vector<std::unique_ptr<RouteRecord>> records;
  std::unordered_map<const Route*, RouteRecord*> byRoute;
  std::unordered_map<const Service*, RouteRecord*> unmatched;
  RouteRecord* nowhere = nullptr;

  Level open{0};
  Level parked{0};
  Level webSockets{0};
  std::array<Count, kDirections.size()> webSocketMessages{};
  std::array<Count, kDrops.size()> webSocketDrops{};
  std::array<Count, kRefusals.size()> refusals{};
  Count received{0};
  Count sent{0};
  std::array<Level, kLanes.size()> queued{};
  std::array<Level, kLanes.size()> busy{};

  // Two services of one name share their series: a series may be given out only once.
  RouteRecord* record(std::string_view service, std::string_view route, std::string_view method) {
    for (const auto& known : records) {
      if (known->service == service && known->route == route && known->method == method) {
        return known.get();
      }
    }
    auto made = std::make_unique<RouteRecord>();
    made->service = service;
    made->route = route;
    made->method = method;
    records.push_back(std::move(made));
    return records.back().get();
  }

  RouteRecord* find(const Service* service, const Route* route) const {
    if (const auto at = byRoute.find(route); at != byRoute.end()) return at->second;
    if (const auto at = unmatched.find(service); at != unmatched.end()) return at->second;
    return nowhere;
  }
};

ServerMetrics::ServerMetrics() : state_(std::make_unique<State>()) {
  state_->nowhere = state_->record(kNoService, kNoRoute, kNoMethod);
}

ServerMetrics::~ServerMetrics() = default;

void ServerMetrics::registerService(const Service& service) {
  for (const Route& route : service.routes()) {
    state_->byRoute[&route] =
        state_->record(service.name(), route.pattern(), nameOf(route.method()));
  }
  state_->unmatched[&service] = state_->record(service.name(), kNoRoute, kNoMethod);
}

void ServerMetrics::countRequest(const Service* service, const Route* route, int status,
                                 std::chrono::nanoseconds duration) {
  state_->find(service, route)->count(status, duration);
}

void ServerMetrics::connectionOpened() { state_->open.fetch_add(1, std::memory_order_relaxed); }
void ServerMetrics::connectionClosed() { state_->open.fetch_sub(1, std::memory_order_relaxed); }
void ServerMetrics::connectionParked() { state_->parked.fetch_add(1, std::memory_order_relaxed); }
void ServerMetrics::connectionUnparked() { state_->parked.fetch_sub(1, std::memory_order_relaxed); }

void ServerMetrics::webSocketOpened() {
  state_->webSockets.fetch_add(1, std::memory_order_relaxed);
}
void ServerMetrics::webSocketClosed() {
  state_->webSockets.fetch_sub(1, std::memory_order_relaxed);
}

void ServerMetrics::countWebSocketMessage(Direction direction) {
  state_->webSocketMessages[static_cast<std::size_t>(direction)].fetch_add(
      1, std::memory_order_relaxed);
}

void ServerMetrics::countWebSocketDrop(WebSocketDrop reason) {
  state_->webSocketDrops[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
}

void ServerMetrics::countRefusal(Refusal reason) {
  state_->refusals[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed);
}

void ServerMetrics::countReceived(std::uint64_t bytes) {
  state_->received.fetch_add(bytes, std::memory_order_relaxed);
}

void ServerMetrics::countSent(std::uint64_t bytes) {
  state_->sent.fetch_add(bytes, std::memory_order_relaxed);
}

void ServerMetrics::laneQueued(Lane lane, std::ptrdiff_t change) {
  state_->queued[static_cast<std::size_t>(lane)].fetch_add(change, std::memory_order_relaxed);
}

void ServerMetrics::laneBusy(Lane lane, std::ptrdiff_t change) {
  state_->busy[static_cast<std::size_t>(lane)].fetch_add(change, std::memory_order_relaxed);
}

std::vector<MetricFamily> ServerMetrics::Collect() const {
  auto requests = family("coffer_http_requests_total",
                         "Requests answered, by route and class of status.", MetricType::Counter);
  auto durations = family("coffer_http_request_duration_seconds",
                          "Time from the first byte of a request to the last of its answer.",
                          MetricType::Histogram);
  for (const auto& record : state_->records) {
    addRequestCounts(requests, *record);
    addDurations(durations, *record);
  }

  auto connections = family("coffer_http_connections",
                            "Open connections: with a request in progress, idle between two, or "
                            "a WebSocket.",
                            MetricType::Gauge);
  // They are read one after the other; a connection that parks in between must not show as -1.
  const std::int64_t idle = std::max<std::int64_t>(state_->parked.load(), 0);
  const std::int64_t sockets = std::max<std::int64_t>(state_->webSockets.load(), 0);
  const std::int64_t active = std::max<std::int64_t>(state_->open.load() - idle - sockets, 0);
  connections.metric = {gauge({{"state", "active"}}, active), gauge({{"state", "idle"}}, idle),
                        gauge({{"state", "websocket"}}, sockets)};

  auto refused = family("coffer_http_connections_refused_total",
                        "Connections closed by the server before they were answered properly.",
                        MetricType::Counter);
  for (std::size_t i = 0; i < kRefusals.size(); ++i) {
    refused.metric.push_back(counter({{"reason", kRefusals[i]}}, valueOf(state_->refusals[i])));
  }

  auto received = family("coffer_http_received_bytes_total", "Bytes of HTTP read from clients.",
                         MetricType::Counter);
  received.metric = {counter({}, valueOf(state_->received))};
  auto sent = family("coffer_http_sent_bytes_total", "Bytes of HTTP written to clients.",
                     MetricType::Counter);
  sent.metric = {counter({}, valueOf(state_->sent))};

  auto queue = family("coffer_http_lane_queue", "Jobs that wait for a thread of their lane.",
                      MetricType::Gauge);
  auto busy =
      family("coffer_http_lane_busy", "Threads of a lane that are at work.", MetricType::Gauge);
  for (std::size_t i = 0; i < kLanes.size(); ++i) {
    const std::string name(nameOf(kLanes[i]));
    queue.metric.push_back(gauge({{"lane", name}}, state_->queued[i].load()));
    busy.metric.push_back(gauge({{"lane", name}}, state_->busy[i].load()));
  }

  auto messages =
      family("coffer_http_websocket_messages_total",
             "Messages that came over WebSockets, or were queued for one.", MetricType::Counter);
  for (std::size_t i = 0; i < kDirections.size(); ++i) {
    messages.metric.push_back(
        counter({{"direction", kDirections[i]}}, valueOf(state_->webSocketMessages[i])));
  }
  auto dropped =
      family("coffer_http_websocket_dropped_total",
             "WebSockets ended for what the client did or left undone.", MetricType::Counter);
  for (std::size_t i = 0; i < kDrops.size(); ++i) {
    dropped.metric.push_back(counter({{"reason", kDrops[i]}}, valueOf(state_->webSocketDrops[i])));
  }

  std::vector<MetricFamily> all;
  for (auto* each : {&requests, &durations, &connections, &refused, &received, &sent, &messages,
                     &dropped, &queue, &busy}) {
    if (!each->metric.empty()) all.push_back(std::move(*each));
  }
  return all;
}

}  // namespace coffer::http
