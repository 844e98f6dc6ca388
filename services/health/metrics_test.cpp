// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/metrics.h"

#include "appliance/http/request_builder.h"
#include "services/health/health_service.h"
#include "services/health/metrics_service.h"
#include "services/health/process_metrics.h"

#include <doctest/doctest.h>
#include <prometheus/metric_family.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

using namespace coffer;
using namespace coffer::health;
using http::Admission;
using http::Lane;
using http::Method;

namespace {

const auto kMount = std::make_shared<const http::MountPoint>(http::MountPoint{"/metrics", {}});

http::RequestBuilder from(const std::string& client, bool throughTrustedProxy = false) {
  http::RequestBuilder builder;
  builder.method(Method::Get).target("/metrics", kMount).client(client, throughTrustedProxy);
  return builder;
}

// The status that the guard's answer leads to: 200 or that of its refusal.
int admitted(const MetricsGuard& guard, http::RequestBuilder builder) {
  http::Request request = builder.build();
  try {
    return guard.admit(request, Lane::Hash) == Admission::Granted ? 200 : 0;
  } catch (const Fault& refusal) {
    return http::statusOf(refusal.kind());
  }
}

MetricsGuardOptions withAccess(MetricsAccess access, std::string token = {}) {
  MetricsGuardOptions options;
  options.access = access;
  options.token = Secret(std::move(token));
  return options;
}

// Lets in whoever says "open sesame".
class SesameGuard final : public http::Guard {
 public:
  std::string_view description() const override { return "sesame"; }
  Admission admit(http::Request& request, Lane lane) const override {
    if (lane == Lane::Io) return Admission::NeedsHashLane;
    if (request.header("Authorization") != "open sesame") throw Unauthorized("Who are you?");
    return Admission::Granted;
  }
};

class Broken final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override {
    throw std::runtime_error("cannot count");
  }
};

ProcessMetricsOptions processOptions() {
  ProcessMetricsOptions options;
  options.version = "1.2.3";
  options.folders = {{"data", "/"}, {"gone", "/nonexistent"}};
  options.certificates = [] {
    return std::vector<std::pair<std::string, UnixMicros>>{{"[::]:8443", 1'800'000'000 * kSecond}};
  };
  return options;
}

// The value of a line that begins with `series` and a blank; -1 when there is none.
double valueOf(const std::string& page, const std::string& series) {
  const std::string all = '\n' + page;
  const auto at = all.find('\n' + series + ' ');
  return at == std::string::npos ? -1 : std::strtod(all.c_str() + at + series.size() + 2, nullptr);
}

}  // namespace

TEST_CASE("by default only clients on this machine may read the metrics") {
  const MetricsGuard guard(withAccess(MetricsAccess::Local));
  CHECK(guard.description() == "this machine");
  for (const char* client : {"127.0.0.1", "127.8.8.8", "::1", "unix"}) {
    CAPTURE(client);
    CHECK(admitted(guard, from(client)) == 200);
  }
  for (const char* client : {"192.0.2.1", "10.0.0.1", "2001:db8::1", "::", ""}) {
    CAPTURE(client);
    CHECK(admitted(guard, from(client)) == 403);
  }
}

TEST_CASE("a proxy on this machine does not make its clients local") {
  const MetricsGuard guard(withAccess(MetricsAccess::Local));
  for (const char* header : {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"}) {
    CAPTURE(header);
    CHECK(admitted(guard, from("127.0.0.1").header(header, "192.0.2.1")) == 403);
    CHECK(admitted(guard, from("unix").header(header, "192.0.2.1")) == 403);
  }
  CHECK(admitted(guard, from("192.0.2.1", true)) == 403);
  CHECK(admitted(guard, from("127.0.0.1", true).header("X-Forwarded-For", "127.0.0.1")) == 200);
  CHECK(admitted(guard, from("unix", true)) == 403);  // A trusted proxy that says nothing.
}

TEST_CASE("a token admits from anywhere, anything else does not") {
  const MetricsGuard guard(withAccess(MetricsAccess::Local, "sesame"));
  const auto bearing = [](const std::string& value) {
    return from("192.0.2.1").header("Authorization", value);
  };
  CHECK(guard.description() == "this machine or token");
  CHECK(guard.challenge() == R"(Bearer realm="metrics")");
  CHECK(admitted(guard, bearing("Bearer sesame")) == 200);
  CHECK(admitted(guard, bearing("bearer sesame")) == 200);
  for (const char* value : {"", "Bearer", "Bearer ", "Bearer sesam", "Bearer sesamee", "sesame",
                            "Basic sesame", "Bearer Sesame"}) {
    CAPTURE(value);
    CHECK(admitted(guard, bearing(value)) == 401);
  }
  CHECK(admitted(guard, from("127.0.0.1")) == 200);

  const MetricsGuard without(withAccess(MetricsAccess::Local));
  CHECK(admitted(without, bearing("Bearer ")) == 403);
}

TEST_CASE("users are known by the guard that is handed in") {
  const SesameGuard users;
  MetricsGuardOptions options = withAccess(MetricsAccess::Users, "token");
  options.users = &users;
  const MetricsGuard guard(options);
  CHECK(guard.description() == "sesame or token");
  CHECK(guard.challenge() == R"(Basic realm="metrics")");
  CHECK(admitted(guard, from("127.0.0.1")) == 401);
  CHECK(admitted(guard, from("192.0.2.1").header("Authorization", "open sesame")) == 200);
  CHECK(admitted(guard, from("192.0.2.1").header("Authorization", "Bearer token")) == 200);
  http::Request request = from("192.0.2.1").build();
  CHECK(guard.admit(request, Lane::Io) == Admission::NeedsHashLane);

  CHECK_THROWS_AS(MetricsGuard(withAccess(MetricsAccess::Users)), std::logic_error);
}

TEST_CASE("anyone means anyone") {
  const MetricsGuard guard(withAccess(MetricsAccess::Anyone, "token"));
  CHECK(guard.description() == http::anyone().description());
  CHECK(admitted(guard, from("192.0.2.1").header("X-Forwarded-For", "x")) == 200);
}

TEST_CASE("the page is Prometheus' text format, found at the mount itself only") {
  const ProcessMetrics process(processOptions());
  const MetricsService service({process}, withAccess(MetricsAccess::Local));
  const std::vector<std::string> root = {""};
  const std::vector<std::string> below = {"x"};
  CHECK(service.match(Method::Get, below).route == nullptr);
  CHECK(service.match(Method::Post, root).allow == "GET, HEAD");

  auto match = service.match(Method::Head, root);
  REQUIRE(match.route);
  http::Request request = from("127.0.0.1").build();
  const http::Response response = match.route->handler()(request);
  CHECK(response.status() == 200);
  const auto& headers = response.headers();
  CHECK(std::find(headers.begin(), headers.end(),
                  std::pair<std::string, std::string>{
                      "Content-Type", "text/plain; version=0.0.4; charset=utf-8"}) !=
        headers.end());
  CHECK(std::get<std::string>(response.body()).starts_with("# HELP process_start_time_seconds "));
}

TEST_CASE("a refusal says what credentials would help") {
  const MetricsService service({}, withAccess(MetricsAccess::Local, "token"));
  http::RequestBuilder builder;
  const http::Request request = builder.build();
  const auto refusal = service.renderError(request, Unauthorized("no", "detail"));
  CHECK(refusal.status() == 401);
  CHECK(std::get<std::string>(refusal.body()) == "no\n");
  const auto& headers = refusal.headers();
  CHECK(std::find(headers.begin(), headers.end(),
                  std::pair<std::string, std::string>{
                      "WWW-Authenticate", R"(Bearer realm="metrics")"}) != headers.end());
  CHECK(service.renderError(request, NotFound("no")).status() == 404);
}

TEST_CASE("a part that fails does not take the others with it") {
  const Broken broken;
  const ProcessMetrics process(processOptions());
  const MetricsService service({broken, process}, withAccess(MetricsAccess::Anyone));
  CHECK(valueOf(service.scrape(), "coffer_build_info{version=\"1.2.3\"}") == 1);
}

TEST_CASE("process metrics are this process's own") {
  const ProcessMetrics process(processOptions());
  const MetricsService service({process}, withAccess(MetricsAccess::Anyone));
  const std::string page = service.scrape();
  const double now = static_cast<double>(SystemClock().now()) / 1e6;
  const double started = valueOf(page, "process_start_time_seconds");
  CHECK(started > now - 24 * 3600);
  CHECK(started <= now + 2);  // The kernel rounds its own start.
  CHECK(valueOf(page, "process_cpu_seconds_total") > 0);
  const double resident = valueOf(page, "process_resident_memory_bytes");
  CHECK(resident > 1024 * 1024);
  CHECK(valueOf(page, "process_virtual_memory_bytes") >= resident);
  CHECK(valueOf(page, "process_threads") >= 1);
  CHECK(valueOf(page, "process_max_fds") > valueOf(page, "process_open_fds"));
  CHECK(valueOf(page, R"(coffer_disk_size_bytes{folder="data"})") >=
        valueOf(page, R"(coffer_disk_free_bytes{folder="data"})"));
  CHECK(page.find("gone") == std::string::npos);
  CHECK(valueOf(page, R"(coffer_tls_certificate_expiry_timestamp_seconds{listener="[::]:8443"})") ==
        1'800'000'000);
}

TEST_CASE("open descriptors are counted without the one that counts") {
  const ProcessMetrics process({"1", {}, {}});
  const MetricsService service({process}, withAccess(MetricsAccess::Anyone));
  const double before = valueOf(service.scrape(), "process_open_fds");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/dev/null", "r"),
                                                             &std::fclose);
  CHECK(valueOf(service.scrape(), "process_open_fds") == before + 1);
}

TEST_CASE("promtool finds no fault in what this layer and the HTTP core give out") {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) {
    MESSAGE("promtool is not installed; tests/clients checks a running server with it");
    return;
  }
  const HealthService health([] { return true; });
  http::ServerMetrics server;
  server.registerService(health);
  server.countRequest(&health, &health.routes()[0], 200, std::chrono::milliseconds(3));
  const ProcessMetrics process(processOptions());
  const MetricsService service({server, process}, withAccess(MetricsAccess::Anyone));

  std::string path = (std::filesystem::temp_directory_path() / "coffer-metrics-XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  std::ofstream(path) << service.scrape();
  const int status = std::system(("promtool check metrics < " + path).c_str());
  std::filesystem::remove(path);
  CHECK(status == 0);
}
