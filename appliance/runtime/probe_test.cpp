// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/probe.h"

#include "appliance/base/fault.h"
#include "appliance/base/unique_fd.h"
#include "appliance/runtime/first_steps.h"

#include <doctest/doctest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <thread>

using namespace coffer;
using namespace coffer::runtime;
using namespace std::chrono_literals;

namespace {

// Answers one connection on 127.0.0.1 with fixed bytes, or not at all while it lives.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_.get(), raw, size) == 0);
    REQUIRE(::listen(listener_.get(), 1) == 0);
    REQUIRE(::getsockname(listener_.get(), raw, &size) == 0);
    port = std::to_string(ntohs(address.sin_port));
    if (answer.empty()) return;
    thread_ = std::jthread([this, text = std::move(answer)] {
      const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      std::array<char, 1024> data{};
      const auto got = ::recv(client.get(), data.data(), data.size(), 0);
      request.assign(data.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
      [[maybe_unused]] const auto sent = ::send(client.get(), text.data(), text.size(), 0);
    });
  }
  void join() { thread_.join(); }

  std::string port;
  std::string request;

 private:
  UniqueFd listener_;
  std::jthread thread_;
};

}  // namespace

TEST_CASE("URLs to ask") {
  const auto tls = parseProbeUrl("https://[::1]:8443/up/healthz");
  CHECK(tls.tls);
  CHECK(tls.host == "::1");
  CHECK(tls.port == "8443");
  CHECK(tls.path == "/up/healthz");
  const auto plain = parseProbeUrl("http://box");
  CHECK(plain.port == "80");
  CHECK(plain.path == "/healthz");
  CHECK(parseProbeUrl("https://[::1]").port == "443");
  CHECK(parseProbeUrl("http://box:1/").path == "/healthz");
  CHECK(parseProbeUrl("unix:/run/coffer.sock").unixPath == "/run/coffer.sock");
  for (const char* bad : {"", "box:8443", "ftp://box", "unix:", "http://box:0", "http://box:65536",
                          "http://box:x", "http://box:1/a b", "http://box:1/a\r\nX: y"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parseProbeUrl(bad), UsageError);
  }
}

TEST_CASE("a probe tells the status and the body, and asks to close") {
  OneAnswer server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nfull");
  const auto result = probe(parseProbeUrl("http://127.0.0.1:" + server.port), 10s);
  server.join();
  CHECK(result.status == 503);
  CHECK(result.body == "full");
  CHECK(server.request.starts_with("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"));
  CHECK(server.request.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("a probe survives whatever answers, and whatever does not") {
  OneAnswer nonsense("SSH-2.0-OpenSSH_9.2\r\n");
  const auto target = parseProbeUrl("http://127.0.0.1:" + nonsense.port);
  CHECK(probe(target, 10s).error == "the answer is not HTTP");
  nonsense.join();

  const OneAnswer silent("");
  const auto late = probe(parseProbeUrl("http://127.0.0.1:" + silent.port), 20ms);
  CHECK(late.status == 0);
  CHECK(late.error == "receive: no answer in time");
  CHECK(late.timedOut);

  CHECK(probe(parseProbeUrl("http://127.0.0.1:1"), 10s).error.starts_with("connect to "));
  CHECK(probe(parseProbeUrl("unix:/nonexistent/socket"), 10s).status == 0);
  CHECK(probe(parseProbeUrl("unix:" + std::string(200, 'x')), 10s).error == "bad socket path");
}

TEST_CASE("a new owner is told commands that can be copied") {
  FirstSteps steps;
  steps.dataDir = "data";
  steps.vaultUrl = urlOfMount("https://127.0.0.1:8443", "");
  steps.resticUrl = urlOfMount("https://127.0.0.1:8443", "/restic");
  steps.metricsUrl = urlOfMount("https://127.0.0.1:8443", "/metrics");
  steps.needsVaultAccount = true;
  const std::string text = describe(steps);
  CHECK(text.find("https://127.0.0.1:8443\n") != std::string::npos);
  CHECK(text.find("coffer vault user add you@example.org --data-dir data") != std::string::npos);
  CHECK(text.find("rest:https://laptop:PASSWORD@127.0.0.1:8443/restic/laptop/") !=
        std::string::npos);
  CHECK(text.find("https://127.0.0.1:8443/metrics\n") != std::string::npos);
  CHECK(text.find("restic user add") == std::string::npos);  // There is one already.
}

TEST_CASE("a wildcard address is shown as this machine's name, a socket as restic writes it") {
  CHECK(urlOfMount("http://0.0.0.0:8000", "").find("0.0.0.0") == std::string::npos);
  CHECK(urlOfMount("http://[::]:8000", "/x").ends_with(":8000/x/"));
  CHECK(urlOfMount("unix:/run/coffer.sock", "/restic") == "http+unix:///run/coffer.sock:/restic/");
}
