// SPDX-License-Identifier: BSD-2-Clause
//
// What the HTTP core counts, handed to prometheus-cpp when it is scraped:
//   coffer_http_requests_total{service,route,method,status}      counter, status is a class: "2xx"
//   coffer_http_request_duration_seconds{service,route,method}   histogram
//   coffer_http_connections{state}                     gauge: "active", "idle", "websocket"
//   coffer_http_connections_refused_total{reason}                counter
//   coffer_http_received_bytes_total, coffer_http_sent_bytes_total
//   coffer_http_lane_queue{lane}, coffer_http_lane_busy{lane}    gauges
//   coffer_http_websocket_messages_total{direction}              counter
//   coffer_http_websocket_dropped_total{reason}                  counter: sockets that we ended
// Labels come from the route tables only, so their number is fixed. Counting is atomics, no lock.
#pragma once

#include "appliance/http/service.h"

#include <prometheus/collectable.h>

#include <chrono>
#include <memory>

namespace coffer::http {

class ServerMetrics final : public prometheus::Collectable {
 public:
  ServerMetrics();
  ~ServerMetrics() override;

  // Called once for every service before the server starts.
  void registerService(const Service& service);

  // `route` null: nothing matched. `service` null: no mount matched.
  void countRequest(const Service* service, const Route* route, int status,
                    std::chrono::nanoseconds duration);
  void connectionOpened();
  void connectionClosed();
  void connectionParked();  // Became idle between requests.
  void connectionUnparked();
  enum class Refusal { Total, PerAddress, Descriptors, BadHead, Timeout, Handshake };
  void countRefusal(Refusal reason);
  void countReceived(std::uint64_t bytes);
  void countSent(std::uint64_t bytes);
  void webSocketOpened();
  void webSocketClosed();
  enum class Direction { Received, Sent };
  void countWebSocketMessage(Direction direction);
  enum class WebSocketDrop { Slow, Silent, Protocol };
  void countWebSocketDrop(WebSocketDrop reason);
  void laneQueued(Lane lane, std::ptrdiff_t change);
  void laneBusy(Lane lane, std::ptrdiff_t change);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace coffer::http
