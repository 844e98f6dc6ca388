// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/metrics.h"

#include <doctest/doctest.h>
#include <prometheus/text_serializer.h>

#include <sstream>
#include <thread>

using namespace coffer::http;
using namespace std::chrono_literals;

namespace {

class TwoRoutes final : public Service {
 public:
  explicit TwoRoutes(std::string name) : name_(std::move(name)) {
    const auto hello = [](Request&) { return Response::text(200, "hello"); };
    rows_.emplace_back(Method::Get, "/hello/{who}", anyone(), kNoBody, Lane::Io, hello);
    rows_.emplace_back(Method::Post, "/hello/{who}", anyone(), kNoBody, Lane::Disk, hello);
  }
  std::string_view name() const override { return name_; }
  std::span<const Route> routes() const override { return rows_; }
  Match match(Method, std::span<const std::string>) const override { return {}; }
  Response renderError(const Request&, const coffer::Fault&) const override {
    return Response(500);
  }

 private:
  std::string name_;
  std::vector<Route> rows_;
};

std::string textOf(const ServerMetrics& metrics) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, metrics.Collect());
  return out.str();
}

bool has(const std::string& text, std::string_view line) {
  return ('\n' + text).find('\n' + std::string(line) + '\n') != std::string::npos;
}

}  // namespace

TEST_CASE("requests are counted by route and class of status") {
  ServerMetrics metrics;
  const TwoRoutes service("greeter");
  metrics.registerService(service);
  metrics.countRequest(&service, &service.routes()[0], 200, 1ms);
  metrics.countRequest(&service, &service.routes()[0], 206, 1ms);
  metrics.countRequest(&service, &service.routes()[0], 404, 1ms);
  metrics.countRequest(&service, &service.routes()[1], 507, 1ms);
  metrics.countRequest(&service, nullptr, 404, 1ms);
  metrics.countRequest(nullptr, nullptr, 400, 1ms);

  const std::string text = textOf(metrics);
  const std::string name = "coffer_http_requests_total";
  const std::string get = R"({service="greeter",route="/hello/{who}",method="GET",)";
  CHECK(has(text, name + get + R"(status="2xx"} 2)"));
  CHECK(has(text, name + get + R"(status="4xx"} 1)"));
  CHECK(
      has(text, name + R"({service="greeter",route="/hello/{who}",method="POST",status="5xx"} 1)"));
  CHECK(has(text, name + R"({service="greeter",route="unmatched",method="any",status="4xx"} 1)"));
  CHECK(has(text, name + R"({service="none",route="unmatched",method="any",status="4xx"} 1)"));
  CHECK(text.find(R"(status="1xx")") == std::string::npos);
}

TEST_CASE("durations fall into the first bucket that holds them") {
  ServerMetrics metrics;
  const TwoRoutes service("greeter");
  metrics.registerService(service);
  metrics.countRequest(&service, &service.routes()[0], 200, 500us);
  metrics.countRequest(&service, &service.routes()[0], 200, 501us);
  metrics.countRequest(&service, &service.routes()[0], 200, 90s);

  const std::string text = textOf(metrics);
  const std::string labels = R"({service="greeter",route="/hello/{who}",method="GET")";
  const std::string name = "coffer_http_request_duration_seconds";
  CHECK(has(text, name + "_bucket" + labels + R"(,le="0.0005"} 1)"));
  CHECK(has(text, name + "_bucket" + labels + R"(,le="0.001"} 2)"));
  CHECK(has(text, name + "_bucket" + labels + R"(,le="60"} 2)"));
  CHECK(has(text, name + "_bucket" + labels + R"(,le="+Inf"} 3)"));
  CHECK(has(text, name + "_count" + labels + "} 3"));
  CHECK(has(text, name + "_sum" + labels + "} 90.001001"));
}

TEST_CASE("two services of one name share their series") {
  ServerMetrics metrics;
  const TwoRoutes one("greeter");
  const TwoRoutes other("greeter");
  metrics.registerService(one);
  metrics.registerService(other);
  metrics.registerService(one);  // Mounted twice.
  metrics.countRequest(&one, &one.routes()[0], 200, 1ms);
  metrics.countRequest(&other, &other.routes()[0], 200, 1ms);
  CHECK(has(textOf(metrics),
            "coffer_http_requests_total{service=\"greeter\","
            "route=\"/hello/{who}\",method=\"GET\",status=\"2xx\"} 2"));
}

TEST_CASE("connections, refusals, bytes and lanes are reported from the start") {
  ServerMetrics metrics;
  for (int i = 0; i < 3; ++i) metrics.connectionOpened();
  metrics.connectionClosed();
  metrics.connectionParked();
  metrics.countRefusal(ServerMetrics::Refusal::PerAddress);
  metrics.countReceived(7);
  metrics.countSent(9);
  metrics.laneQueued(Lane::Hash, 2);
  metrics.laneQueued(Lane::Hash, -1);
  metrics.laneBusy(Lane::Disk, 1);

  const std::string text = textOf(metrics);
  CHECK(has(text, R"(coffer_http_connections{state="active"} 1)"));
  CHECK(has(text, R"(coffer_http_connections{state="idle"} 1)"));
  CHECK(has(text, R"(coffer_http_connections_refused_total{reason="per_address"} 1)"));
  CHECK(has(text, R"(coffer_http_connections_refused_total{reason="handshake"} 0)"));
  CHECK(has(text, "coffer_http_received_bytes_total 7"));
  CHECK(has(text, "coffer_http_sent_bytes_total 9"));
  CHECK(has(text, R"(coffer_http_lane_queue{lane="hash"} 1)"));
  CHECK(has(text, R"(coffer_http_lane_busy{lane="disk"} 1)"));
  CHECK(has(text, R"(coffer_http_lane_queue{lane="outbound"} 0)"));
  CHECK(has(text, R"(coffer_http_lane_busy{lane="fetch"} 0)"));
}

TEST_CASE("no count is lost when many threads count while it is scraped") {
  ServerMetrics metrics;
  const TwoRoutes service("greeter");
  metrics.registerService(service);
  constexpr int kThreads = 4;
  constexpr int kEach = 5'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i)
        metrics.countRequest(&service, &service.routes()[0], 200, 1ms);
    });
  }
  for (int i = 0; i < 20; ++i) CHECK(metrics.Collect().size() >= 6);
  for (auto& thread : threads) thread.join();
  CHECK(has(textOf(metrics),
            "coffer_http_requests_total{service=\"greeter\",route=\"/hello/{who}\","
            "method=\"GET\",status=\"2xx\"} " +
                std::to_string(kThreads * kEach)));
}

TEST_CASE("open WebSockets are connections of their own kind") {
  ServerMetrics metrics;
  for (int i = 0; i < 3; ++i) metrics.connectionOpened();
  metrics.webSocketOpened();
  metrics.webSocketOpened();
  metrics.webSocketClosed();
  metrics.countWebSocketMessage(ServerMetrics::Direction::Sent);
  metrics.countWebSocketDrop(ServerMetrics::WebSocketDrop::Slow);
  const std::string text = textOf(metrics);
  CHECK(has(text, R"(coffer_http_connections{state="active"} 2)"));
  CHECK(has(text, R"(coffer_http_connections{state="websocket"} 1)"));
  CHECK(has(text, R"(coffer_http_websocket_messages_total{direction="sent"} 1)"));
  CHECK(has(text, R"(coffer_http_websocket_messages_total{direction="received"} 0)"));
  CHECK(has(text, R"(coffer_http_websocket_dropped_total{reason="slow"} 1)"));
}
