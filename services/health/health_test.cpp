// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/request_builder.h"
#include "services/health/health_service.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>

using namespace coffer;
using namespace coffer::health;
using http::Method;
using http::Response;

namespace {

const auto kMount = std::make_shared<const http::MountPoint>(http::MountPoint{"/healthz", {}});

// The service's answer, as the core gets it; null when no row matches.
std::optional<Response> ask(const HealthService& service, Method method,
                            const std::string& target) {
  http::RequestBuilder builder;
  builder.method(method).target(target, kMount).client("203.0.113.9");
  http::Request request = builder.build();
  auto match = service.match(method, request.segments());
  if (match.route == nullptr) return std::nullopt;
  const http::Route& route = *match.route;
  http::RequestBuilder::setMatch(request, std::move(match));
  CHECK(route.guard().admit(request, http::Lane::Io) == http::Admission::Granted);
  Response response = route.handler()(request);
  service.decorate(request, response);
  return response;
}

std::string bodyOf(const Response& response) { return std::get<std::string>(response.body()); }

}  // namespace

TEST_CASE("a stranger learns that the appliance is alive, whatever the disk says") {
  const HealthService service([]() -> bool { throw std::runtime_error("not to be asked"); });
  for (const char* target : {"/healthz", "/healthz/", "/healthz/live", "/healthz/live/"}) {
    CAPTURE(target);
    for (const Method method : {Method::Get, Method::Head}) {
      const auto response = ask(service, method, target);
      REQUIRE(response);
      CHECK(response->status() == 200);
      CHECK(bodyOf(*response) == R"({"status":"ok"})");
    }
  }
}

TEST_CASE("ready means that storage can be written") {
  std::atomic<bool> writable{true};
  const HealthService service([&] { return writable.load(); });
  for (const char* target : {"/healthz/ready", "/healthz?ready", "/healthz/?ready=1"}) {
    CAPTURE(target);
    writable = true;
    CHECK(ask(service, Method::Get, target)->status() == 200);
    writable = false;
    const auto response = ask(service, Method::Get, target);
    CHECK(response->status() == 503);
    CHECK(bodyOf(*response) == R"({"status":"unavailable"})");
  }
}

TEST_CASE("a readiness check that throws is a no, and its reason stays here") {
  const HealthService service([]() -> bool { throw std::runtime_error("/srv/secret: denied"); });
  const auto response = ask(service, Method::Get, "/healthz/ready");
  CHECK(response->status() == 503);
  CHECK(bodyOf(*response).find("secret") == std::string::npos);
}

TEST_CASE("no answer about health is cached, and what may wait does so on the disk lane") {
  const HealthService service([] { return true; });
  const auto response = ask(service, Method::Get, "/healthz");
  const auto& headers = response->headers();
  CHECK(std::find(headers.begin(), headers.end(),
                  std::pair<std::string, std::string>{"Cache-Control", "no-store"}) !=
        headers.end());
  for (const http::Route& route : service.routes()) {
    CHECK((route.lane() == http::Lane::Io) == (route.pattern() == "/live"));
  }
}

TEST_CASE("other paths and methods are refused with the service's own body") {
  const HealthService service([] { return true; });
  CHECK_FALSE(ask(service, Method::Get, "/healthz/other"));
  CHECK_FALSE(ask(service, Method::Post, "/healthz"));
  const std::vector<std::string> root = {""};
  CHECK(service.match(Method::Post, root).allow == "GET, HEAD");
  http::RequestBuilder builder;
  const auto refusal = service.renderError(builder.build(), NotFound("nothing here"));
  CHECK(refusal.status() == 404);
  CHECK(bodyOf(refusal) == R"({"status":"error"})");
}
