// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/poco_http_client.h"

#include "appliance/outbound/outbound_fault.h"
#include "appliance/outbound/test_peer.h"

#include <Poco/DeflatingStream.h>
#include <doctest/doctest.h>

#include <chrono>
#include <sstream>
#include <thread>

namespace coffer::outbound {
namespace {

using testing::Peer;
using testing::TestIdentity;
using testing::TestServer;
using Reason = OutboundFault::Reason;
using namespace std::chrono_literals;

// Everybody who is asked lives on this machine.
std::vector<IpAddress> loopback(const std::string&) {
  return {parseIpAddress("127.0.0.1").value()};
}

const PocoHttpClient& client() {
  static const PocoHttpClient made("Test/1", {}, &loopback);
  return made;
}

std::string urlOf(const TestServer& server, const std::string& target = "/") {
  return "http://site.test:" + std::to_string(server.port()) + target;
}

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.timeout = 5s;
  return request;
}

// Answers every request with `answer` and closes.
TestServer::Script answering(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    peer.readUntil("\r\n\r\n");
    peer.write(answer);
  };
}

Reason reasonOf(const HttpRequest& request, const HttpClient& with = client()) {
  try {
    static_cast<void>(with.send(request));
  } catch (const OutboundFault& fault) {
    CHECK_FALSE(fault.detail().empty());
    return fault.reason();
  }
  FAIL("there was an answer");
  return Reason::BadUrl;
}

std::string compressed(const std::string& text, int windowBits) {
  std::ostringstream out;
  Poco::DeflatingOutputStream deflated(out, windowBits, 9);
  deflated << text;
  deflated.close();
  return out.str();
}

std::string withLength(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

TEST_CASE("a request is sent as it was given, and the answer comes back") {
  std::string seen;
  TestServer server([&](Peer& peer) {
    seen = peer.readUntil("\r\n\r\n");
    seen += peer.readBytes(5);
    peer.write("HTTP/1.1 404 No\r\nX-One: a\r\nx-two:  b \r\nContent-Length: 4\r\n\r\nbody");
  });
  HttpRequest request = get(urlOf(server, "/a%2Fb?c=d"));
  request.method = "POST";
  request.body = "hello";
  request.headers = {{"X-Mine", "yes"}, {"User-Agent", "Other"}};
  const HttpAnswer answer = client().send(request);
  CHECK(answer.status == 404);
  CHECK(answer.body == "body");
  CHECK(answer.header("x-one") == "a");
  CHECK(answer.header("X-Two") == "b");
  CHECK(answer.header("x-three").empty());
  CHECK(answer.url == request.url);
  CHECK(seen.starts_with("POST /a%2Fb?c=d HTTP/1.1\r\n"));
  CHECK(seen.find("\r\nHost: site.test:" + std::to_string(server.port()) + "\r\n") !=
        std::string::npos);
  CHECK(seen.find("\r\nX-Mine: yes\r\n") != std::string::npos);
  CHECK(seen.find("\r\nUser-Agent: Other\r\n") != std::string::npos);
  CHECK(seen.find("Test/1") == std::string::npos);
  CHECK(seen.find("\r\nContent-Length: 5\r\n") != std::string::npos);
  CHECK(seen.find("\r\nConnection: Close\r\n") != std::string::npos);
  CHECK(seen.ends_with("\r\n\r\nhello"));
}

TEST_CASE("bodies arrive whole however they are framed or compressed") {
  const std::string text(50'000, 'x');
  const std::string rows[] = {
      withLength("", text),
      "HTTP/1.1 200 OK\r\n\r\n" + text,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n" + text + "\r\n0\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + withLength("", text),
      "HTTP/1.1 100 Continue\r\n\r\n" + withLength("", text),
      withLength("Content-Encoding: gzip\r\n", compressed(text, 31)),
      withLength("Content-Encoding: X-GZip\r\n", compressed(text, 31)),
      withLength("Content-Encoding: deflate\r\n", compressed(text, 15)),
      withLength("Content-Encoding: deflate\r\n", compressed(text, -15)),
      withLength("Content-Encoding: identity\r\n", text),
  };
  for (const auto& row : rows) {
    CAPTURE(row.substr(0, 80));
    TestServer server(answering(row));
    const HttpAnswer answer = client().send(get(urlOf(server)));
    CHECK(answer.status == 200);
    CHECK(answer.body.size() == text.size());
    CHECK(answer.body == text);
  }
}

TEST_CASE("answers without a body have none") {
  for (const auto* answer :
       {"HTTP/1.1 204 No\r\n\r\n", "HTTP/1.1 304 No\r\nContent-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Encoding: gzip\r\n\r\n"}) {
    TestServer server(answering(answer));
    CHECK(client().send(get(urlOf(server))).body.empty());
  }
  TestServer server(answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"));
  HttpRequest head = get(urlOf(server));
  head.method = "HEAD";
  CHECK(client().send(head).body.empty());
}

TEST_CASE("the limit on a body counts what it becomes after decoding") {
  const std::string text(100'000, 'x');
  const std::string plain = withLength("", text);
  const std::string packed = withLength("Content-Encoding: gzip\r\n", compressed(text, 31));
  for (const auto& row : {plain, packed}) {
    TestServer server(answering(row));
    HttpRequest request = get(urlOf(server));
    request.maxBody = 99'999;
    CHECK(reasonOf(request) == Reason::TooLarge);
    request.truncate = true;
    const HttpAnswer cut = client().send(request);
    CHECK(cut.body == text.substr(0, 99'999));
    CHECK(cut.isTruncated);
    request.maxBody = 100'000;
    const HttpAnswer whole = client().send(request);
    CHECK(whole.body == text);
    CHECK_FALSE(whole.isTruncated);
  }
}

TEST_CASE("what is not a whole HTTP answer is no answer") {
  const std::pair<std::string, Reason> rows[] = {
      {"", Reason::Protocol},
      {"SSH-2.0-OpenSSH\r\n\r\n", Reason::Protocol},
      {"HTTP/9.9 200 OK\r\n\r\n", Reason::Protocol},
      {"HTTP/1.1 20 OK\r\n\r\n", Reason::Protocol},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", Reason::Unreachable},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", Reason::Unreachable},
      {withLength("Content-Encoding: br\r\n", "abc"), Reason::Protocol},
      {withLength("Content-Encoding: gzip\r\n", "\x1f\x8b\x08nonsense that is no gzip"),
       Reason::Protocol},
  };
  for (const auto& row : rows) {
    CAPTURE(row.first);
    TestServer server(answering(row.first));
    CHECK(reasonOf(get(urlOf(server))) == row.second);
  }
  std::string endless = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 300; ++i) endless += "X-" + std::to_string(i) + ": y\r\n";
  TestServer server(answering(endless + "\r\n"));
  CHECK(reasonOf(get(urlOf(server))) == Reason::Protocol);
}

TEST_CASE("answers that come before the answer have an end") {
  TestServer server([](Peer& peer) {
    peer.readUntil("\r\n\r\n");
    while (peer.write("HTTP/1.1 100 Continue\r\n\r\n")) {
    }
  });
  HttpRequest request = get(urlOf(server));
  request.timeout = 60s;
  const auto start = std::chrono::steady_clock::now();
  CHECK(reasonOf(request) == Reason::TooLarge);
  CHECK(std::chrono::steady_clock::now() - start < 30s);
}

TEST_CASE("what is optional is given up at the end of the program, and nothing else") {
  TestServer silent([](Peer& peer) { peer.readUntil("never"); });
  TestServer server(answering(withLength("", "hello")));
  PocoHttpClient ending("Test/1", {}, &loopback);
  HttpRequest request = get(urlOf(silent));
  request.timeout = 60s;
  request.isOptional = true;
  std::thread stopper([&] {
    std::this_thread::sleep_for(50ms);
    ending.stop();
  });
  const auto start = std::chrono::steady_clock::now();
  CHECK(reasonOf(request, ending) == Reason::Stopping);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  stopper.join();
  request.url = urlOf(server);
  CHECK(reasonOf(request, ending) == Reason::Stopping);
  CHECK(server.connections() == 0);
  request.isOptional = false;
  CHECK(ending.send(request).body == "hello");
}

TEST_CASE("a server that trickles does not exceed the time it was given") {
  // A byte every few milliseconds: head, body, TLS handshake and record.
  const auto trickle = [](Peer& peer, const std::string& bytes) {
    for (const char c : bytes) {
      if (!peer.write({&c, 1})) return;
      std::this_thread::sleep_for(5ms);
    }
  };
  std::vector<TestServer::Script> scripts;
  scripts.push_back([](Peer& peer) { peer.readUntil("never"); });
  scripts.push_back(
      [&](Peer& peer) { trickle(peer, "HTTP/1.1 200 OK\r\nX: " + std::string(5'000, 'x')); });
  scripts.push_back(
      [&](Peer& peer) { trickle(peer, "HTTP/1.1 200 OK\r\n\r\n" + std::string(5'000, 'x')); });
  for (const auto& script : scripts) {
    for (const char* scheme : {"http", "https"}) {
      TestServer server(script);
      HttpRequest request = get(scheme + urlOf(server).substr(4));
      request.timeout = 150ms;
      const auto start = std::chrono::steady_clock::now();
      const Reason reason = reasonOf(request);
      const auto took = std::chrono::steady_clock::now() - start;
      CHECK((reason == Reason::TimedOut || (request.url[4] == 's' && reason == Reason::Untrusted)));
      CHECK(took < 3s);
    }
  }
  TestServer silent([](Peer& peer) { peer.readUntil("never"); });
  const PocoHttpClient slowNames("Test/1", {}, [](const std::string& name) {
    std::this_thread::sleep_for(1s);
    return loopback(name);
  });
  HttpRequest request = get(urlOf(silent));
  request.timeout = 100ms;
  CHECK(reasonOf(request, slowNames) == Reason::TimedOut);
  CHECK(silent.connections() == 0);
}

TEST_CASE("redirects are followed as often as they may be") {
  const auto script = [](Peer& peer) {
    const std::string head = peer.readUntil("\r\n\r\n");
    const auto at = [&](const char* target) { return head.find(target) != std::string::npos; };
    if (at(" /a ")) peer.write("HTTP/1.1 301 x\r\nLocation: b\r\nContent-Length: 0\r\n\r\n");
    if (at(" /b ")) peer.write("HTTP/1.1 307 x\r\nLocation: /c?d\r\nContent-Length: 0\r\n\r\n");
    if (at(" /c?d ")) peer.write("HTTP/1.1 200 x\r\nContent-Length: 3\r\n\r\nend");
  };
  TestServer server(script);
  HttpRequest request = get(urlOf(server, "/a"));
  CHECK(client().send(request).status == 301);
  request.maxRedirects = 1;
  CHECK(client().send(request).status == 307);
  CHECK(client().send(request).url == urlOf(server, "/b"));
  request.maxRedirects = 2;
  const HttpAnswer answer = client().send(request);
  CHECK(answer.body == "end");
  CHECK(answer.url == urlOf(server, "/c?d"));
}

TEST_CASE("a redirect changes the request as its status says, and takes no secret elsewhere") {
  std::string second;
  TestServer target([&](Peer& peer) {
    second = peer.readUntil("\r\n\r\n");
    peer.write("HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n");
  });
  const auto redirected = [&](int status, const std::string& method) {
    TestServer first(answering("HTTP/1.1 " + std::to_string(status) + " x\r\nLocation: " +
                               urlOf(target, "/t") + "\r\nContent-Length: 0\r\n\r\n"));
    HttpRequest request = get(urlOf(first));
    request.method = method;
    request.maxRedirects = 1;
    request.headers = {{"Authorization", "Bearer s"}, {"cookie", "s"}, {"X-Kept", "k"}};
    if (method == "POST") request.body = "x";
    CHECK(client().send(request).status == 200);
    CHECK(second.find("Bearer") == std::string::npos);
    CHECK(second.find("ookie") == std::string::npos);
    CHECK(second.find("X-Kept: k") != std::string::npos);
    return second.substr(0, second.find(' '));
  };
  CHECK(redirected(302, "GET") == "GET");
  CHECK(redirected(302, "POST") == "GET");
  CHECK(redirected(303, "POST") == "GET");
  CHECK(redirected(303, "HEAD") == "HEAD");
  CHECK(redirected(308, "POST") == "POST");
}

TEST_CASE("nothing that is not public is contacted when somebody else chose the address") {
  TestServer server(answering("HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n"));
  const std::string port = ":" + std::to_string(server.port()) + "/";
  const auto publicOnly = [](std::string url) {
    HttpRequest request = get(std::move(url));
    request.destinations = Destinations::PublicOnly;
    return request;
  };
  for (const char* host :
       {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.0.0.0x1", "0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "169.254.169.254", "name.test"}) {
    CAPTURE(host);
    CHECK(reasonOf(publicOnly("http://" + std::string(host) + port)) == Reason::Blocked);
  }
  // One address of the name is public, and it comes first.
  const PocoHttpClient mixed("Test/1", {}, [](const std::string&) {
    return std::vector{parseIpAddress("192.88.98.1").value(), parseIpAddress("127.0.0.1").value()};
  });
  CHECK(reasonOf(publicOnly("http://name.test" + port), mixed) == Reason::Blocked);
  CHECK(server.connections() == 0);
}

TEST_CASE("a redirect to what is no web address is a fault") {
  TestServer server(
      answering("HTTP/1.1 302 x\r\nLocation: ftp://example.test/\r\nContent-Length: 0\r\n\r\n"));
  HttpRequest request = get(urlOf(server));
  request.maxRedirects = 3;
  CHECK(reasonOf(request) == Reason::BadUrl);
}

TEST_CASE("a name is looked up once for each hop") {
  int asked = 0;
  TestServer server(answering("HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n"));
  const PocoHttpClient counting("Test/1", {}, [&](const std::string& name) {
    ++asked;
    CHECK(name == "site.test");
    return loopback(name);
  });
  CHECK(counting.send(get(urlOf(server))).status == 200);
  CHECK(asked == 1);
}

TEST_CASE("names without an address, closed ports and bad URLs are told apart") {
  const PocoHttpClient nowhere("Test/1", {},
                               [](const std::string&) { return std::vector<IpAddress>{}; });
  CHECK(reasonOf(get("http://name.test/"), nowhere) == Reason::NameUnknown);
  std::uint16_t closed = 0;
  {
    closed = TestServer([](Peer&) {}).port();
  }
  CHECK(reasonOf(get("http://name.test:" + std::to_string(closed) + "/")) == Reason::Unreachable);
  CHECK(reasonOf(get("gopher://name.test/")) == Reason::BadUrl);
  CHECK(reasonOf(get("http://user:pass@name.test/")) == Reason::BadUrl);
}

TEST_CASE("the next address of a name is tried when one does not answer") {
  TestServer server(answering("HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n"));
  const PocoHttpClient two("Test/1", {}, [](const std::string&) {
    return std::vector{parseIpAddress("127.0.0.2").value(), parseIpAddress("127.0.0.1").value()};
  });
  CHECK(two.send(get(urlOf(server))).status == 200);
}

TEST_CASE("a header that would break out of its line is not sent") {
  for (const auto& header : HeaderList{{"X", "a\r\nY: b"}, {"X\n", "a"}, {"", "a"}, {"X:", "a"}}) {
    HttpRequest request = get("http://name.test/");
    request.headers = {header};
    CHECK_THROWS_AS(client().send(request), Fault);
  }
  HttpRequest request = get("http://name.test/");
  request.method = "GET / HTTP/1.1\r\nX: y";
  CHECK_THROWS_AS(client().send(request), Fault);
}

TEST_CASE("a server is believed over TLS when its authority is known and the name is its own") {
  const TestIdentity identity;
  const auto context = identity.serverContext();
  TestServer server([&](Peer& peer) {
    if (!peer.startTls(*context)) return;
    peer.readUntil("\r\n\r\n");
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    peer.closeTls();
  });
  const auto at = [&](const std::string& host) {
    return get("https://" + host + ":" + std::to_string(server.port()) + "/");
  };
  const PocoHttpClient knows("Test/1", {identity.authorityFile, false}, &loopback);
  CHECK(knows.send(at("localhost")).body == "hello");
  CHECK(knows.send(at("127.0.0.1")).body == "hello");
  CHECK(reasonOf(at("other.test"), knows) == Reason::Untrusted);
  CHECK(reasonOf(at("127.0.0.2"), knows) != Reason::Protocol);
  CHECK(reasonOf(at("localhost")) == Reason::Untrusted);
  const PocoHttpClient careless("Test/1", {"", true}, &loopback);
  CHECK(careless.send(at("other.test")).body == "hello");
  const PocoHttpClient noFile("Test/1", {"/nowhere.pem", false}, &loopback);
  CHECK(reasonOf(at("localhost"), noFile) == Reason::Untrusted);
}

TEST_CASE("a TLS answer that is cut off is not taken for a whole one") {
  const TestIdentity identity;
  const auto context = identity.serverContext();
  TestServer server([&](Peer& peer) {
    if (!peer.startTls(*context)) return;
    peer.readUntil("\r\n\r\n");
    peer.write("HTTP/1.1 200 OK\r\n\r\nhalf of it");  // No close_notify.
  });
  const PocoHttpClient knows("Test/1", {identity.authorityFile, false}, &loopback);
  CHECK(reasonOf(get("https://localhost:" + std::to_string(server.port()) + "/"), knows) ==
        Reason::Unreachable);
}

TEST_CASE("TLS 1.1 is not spoken, nor with servers that speak no TLS at all") {
  const TestIdentity identity;
  const auto context = identity.serverContext();
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  TestServer old([&](Peer& peer) { peer.startTls(*context); });
  const PocoHttpClient knows("Test/1", {identity.authorityFile, false}, &loopback);
  CHECK(reasonOf(get("https://localhost:" + std::to_string(old.port()) + "/"), knows) ==
        Reason::Untrusted);
  TestServer plain([](Peer& peer) { peer.write("HTTP/1.1 400 x\r\n\r\n"); });
  CHECK(reasonOf(get("https://localhost:" + std::to_string(plain.port()) + "/"), knows) ==
        Reason::Untrusted);
}

}  // namespace
}  // namespace coffer::outbound
