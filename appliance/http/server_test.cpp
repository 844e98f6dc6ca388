// SPDX-License-Identifier: BSD-2-Clause
//
// The server as a client sees it, over real loopback sockets: messages and connections.
#include "appliance/base/bytes.h"
#include "appliance/base/random.h"
#include "appliance/http/server_test_support.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::http;
using namespace coffer::http::testing;

TEST_CASE("requests on a kept connection are answered one after the other") {
  TestServer app;
  Client client(app.port());
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.exchange(get("/hello"));
    CHECK(reply.status == 200);
    CHECK(reply.body == "hello\n");
    CHECK(reply.field("content-length") == "6");
    CHECK(reply.field("connection").empty());
    CHECK(reply.field("date").size() == 29);
    CHECK(reply.field("x-decorated") == "yes");
    ids.push_back(reply.field("x-request-id"));
    CHECK(ids.back().size() == 16);
  }
  CHECK(ids[0] != ids[1]);
  CHECK(ids[1] != ids[2]);
  CHECK(client.exchange(get("/disk")).body == "disk\n");
  CHECK(client.exchange(get("/hash")).body == "hash\n");
  CHECK(client.exchange(post("/echo", "some bytes")).body == "some bytes");
  CHECK(client.exchange(get("/below/hello")).status == 200);
  CHECK(client.exchange(get("/below")).status == 404);
  CHECK(client.exchange(get("/item/a%20b")).body == "a b");
  CHECK(client.exchange(get("http://test/hello")).body == "hello\n");
}

TEST_CASE("HEAD has the head of GET and nothing else") {
  TestServer app;
  Client client(app.port());
  const Reply text = client.exchange("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n", true);
  CHECK(text.status == 200);
  CHECK(text.field("content-length") == "6");
  const Reply file = client.exchange("HEAD /file?length=5000000 HTTP/1.1\r\nHost: h\r\n\r\n", true);
  CHECK(file.field("content-length") == "5000000");
  const Reply declared = client.exchange("HEAD /size HTTP/1.1\r\nHost: h\r\n\r\n", true);
  CHECK(declared.field("content-length") == "1234567");
  const Reply stream = client.exchange("HEAD /stream?length=100 HTTP/1.1\r\nHost: h\r\n\r\n", true);
  CHECK(stream.status == 200);
  const Reply missing = client.exchange("HEAD /nowhere HTTP/1.1\r\nHost: h\r\n\r\n", true);
  CHECK(missing.status == 404);
  CHECK(client.exchange(get("/hello")).body == "hello\n");
}

TEST_CASE("204 has neither body nor length, and the connection goes on") {
  TestServer app;
  Client client(app.port());
  const Reply reply = client.exchange(get("/empty"));
  CHECK(reply.status == 204);
  CHECK(reply.field("content-length").empty());
  CHECK(reply.field("transfer-encoding").empty());
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("HTTP/1.0 closes unless asked, and gets no chunks") {
  TestServer app;
  {
    Client client(app.port());
    const Reply reply = client.exchange("GET /hello HTTP/1.0\r\n\r\n");
    CHECK(reply.body == "hello\n");
    CHECK(reply.field("connection") == "close");
    CHECK(client.closedByServer());
  }
  {
    Client client(app.port());
    for (int i = 0; i < 2; ++i) {
      const Reply reply = client.exchange("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      CHECK(reply.body == "hello\n");
      CHECK(reply.field("connection") == "keep-alive");
    }
  }
  {
    Client client(app.port());
    const Reply reply =
        client.exchange("GET /stream?length=200000 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(reply.field("transfer-encoding").empty());
    CHECK(reply.field("connection") == "close");
    CHECK(reply.body == patternBytes(0, 200000));
  }
}

TEST_CASE("either side may close") {
  TestServer app;
  {
    Client client(app.port());
    const Reply reply = client.exchange(get("/hello", "Connection: close\r\n"));
    CHECK(reply.field("connection") == "close");
    CHECK(client.closedByServer());
  }
  {
    Client client(app.port());
    const Reply reply = client.exchange(get("/last"));
    CHECK(reply.field("connection") == "close");
    CHECK(client.closedByServer());
  }
  {
    Client client(app.port());
    client.send(get("/hello"));
    client.finishSending();
    CHECK(client.receive().body == "hello\n");
    CHECK(client.closedByServer());
  }
  {
    // What is pipelined behind the last request is not answered, and breaks nothing.
    Client client(app.port());
    client.send(get("/last") + get("/hello") + get("/hello"));
    CHECK(client.receive().body == "bye\n");
    CHECK(client.closedByServer());
  }
}

TEST_CASE("pipelined requests cut at any byte get their answers in order") {
  TestServer app({.options = {.workers = 2}});
  std::mt19937 random(20261120);
  const auto upTo = [&random](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n)(random);
  };
  for (int connection = 0; connection < 20; ++connection) {
    std::string bytes;
    std::vector<std::string> expected;
    for (int i = 0; i < 40; ++i) {
      const std::string body = patternBytes(upTo(1000), upTo(3) == 0 ? upTo(70000) : upTo(300));
      switch (upTo(5)) {
        case 0:
          bytes += get("/hello");
          expected.push_back("hello\n");
          break;
        case 1:
          bytes += post("/echo", body);
          expected.push_back(body);
          break;
        case 2:
          bytes += "POST /inline HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                   chunked(body, 1 + upTo(5000));
          expected.push_back(body);
          break;
        case 3:
          bytes += "PUT /upload/n HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body;
          expected.push_back("n:" + body);
          break;
        case 4:
          bytes += get("/stream?length=" + std::to_string(body.size()));
          expected.push_back(patternBytes(0, body.size()));
          break;
        default:
          bytes += get("/file?offset=100&length=" + std::to_string(body.size()));
          expected.push_back(patternBytes(100, body.size()));
          break;
      }
    }
    Client client(app.port());
    std::thread sender([&client, &bytes, &upTo] {
      std::string_view rest = bytes;
      while (!rest.empty()) {
        const auto piece = rest.substr(0, 1 + (upTo(1) == 0 ? upTo(20) : upTo(20000)));
        client.send(piece);
        rest.remove_prefix(piece.size());
      }
    });
    for (const auto& body : expected) {
      const Reply reply = client.receive();
      CHECK(reply.status == 200);
      CHECK(reply.complete);
      CHECK((reply.body == body));
    }
    sender.join();
  }
}

TEST_CASE("a long pipeline is served to its end without starving others") {
  TestServer app({.options = {.workers = 1}});
  Client greedy(app.port());
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += get("/item/" + std::to_string(i));
  std::thread sender([&greedy, &bytes] { greedy.send(bytes); });
  Client other(app.port());
  CHECK(other.exchange(get("/hello")).body == "hello\n");
  for (int i = 0; i < 1000; ++i) CHECK(greedy.receive().body == std::to_string(i));
  sender.join();
}

TEST_CASE("files leave whole, in part, and when they are large") {
  TestServer app;
  Client client(app.port());
  const Reply whole = client.exchange(get("/file"));
  CHECK(whole.field("content-length") == std::to_string(6 * MiB));
  CHECK((whole.body == patternBytes(0, 6 * MiB)));
  CHECK(client.exchange(get("/file?offset=5&length=10")).body == patternBytes(5, 10));
  CHECK(client.exchange(get("/file?length=0")).body.empty());
  const Reply text = client.exchange(get("/text?length=3000000"));
  CHECK((text.body == patternBytes(0, 3000000)));
  CHECK(app.service.seen.sent == 3);
  CHECK(app.service.seen.sentBytes == 6 * MiB + 10);
}

TEST_CASE("a stream arrives in chunks") {
  TestServer app;
  Client client(app.port());
  for (const std::size_t length : {0U, 1U, 65536U, 1000000U}) {
    const Reply reply = client.exchange(get("/stream?length=" + std::to_string(length)));
    CHECK(reply.field("transfer-encoding") == "chunked");
    CHECK(reply.complete);
    CHECK((reply.body == patternBytes(0, length)));
  }
}

TEST_CASE("a body that cannot be completed does not look complete") {
  TestServer app;
  {
    Client client(app.port());
    const Reply reply = client.exchange(get("/stream?length=100000&break"));
    CHECK(reply.status == 200);
    CHECK_FALSE(reply.complete);
  }
  {
    // The file is shorter than was promised.
    Client client(app.port());
    const Reply reply = client.exchange(get("/file?offset=6291400&length=1000"));
    CHECK_FALSE(reply.complete);
  }
  {
    Client client(app.port());
    const Reply reply = client.exchange("GET /stream?length=100000&break HTTP/1.0\r\n\r\n");
    CHECK_FALSE(reply.complete);
  }
  CHECK(eventually([&app] { return app.service.seen.sent == 1; }));
}

TEST_CASE("refusals have the service's own body, and a fault tells nothing") {
  TestServer app;
  Client client(app.port());
  const Reply missing = client.exchange(get("/nowhere"));
  CHECK(missing.status == 404);
  CHECK(missing.body == "test: Not Found");
  CHECK(missing.field("x-decorated") == "yes");
  const Reply wrongMethod = client.exchange(post("/hello", "body that is read away"));
  CHECK(wrongMethod.status == 405);
  CHECK(wrongMethod.field("allow") == "GET, HEAD");
  const Reply bug = client.exchange(get("/bug"));
  CHECK(bug.status == 500);
  CHECK(bug.body == "test: Internal Server Error");
  CHECK(client.exchange(get("/item/%zz")).status == 400);
  CHECK(client.exchange(get("/item/%00")).status == 404);
  CHECK(client.exchange(get("/item/a%2Fb")).status == 404);
  CHECK(client.exchange(get("/item/../hello")).status == 404);
  CHECK(client.exchange(get("//hello")).status == 404);
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("OPTIONS * is answered by the server itself") {
  TestServer app;
  Client client(app.port());
  const Reply reply = client.exchange("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(reply.status == 200);
  CHECK(reply.body.empty());
  CHECK(client.exchange("OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n").status == 405);
}

TEST_CASE("a bad head is answered and ends the connection") {
  TestServer app;
  const std::vector<std::pair<int, std::string>> bad{
      {400, "GET /hello\r\n"},
      {400, "GET /hello HTTP/1.1\r\n\r\n"},
      {400, "GET /hello HTTP/1.1\nHost: h\n\n"},
      {400,
       "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n"
       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, std::string("\x16\x03\x01\x02\x00", 5)},
      {414, "GET /" + std::string(9000, 'a')},
      {431, "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(40000, 'a')},
      {431, "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(40000, 'a') + "\r\n\r\n"},
      {501, "BREW / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {417, "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n"},
  };
  for (const auto& row : bad) {
    const auto& status = row.first;
    const auto& bytes = row.second;
    CAPTURE(bytes);
    Client client(app.port());
    const Reply reply = client.exchange(bytes);
    CHECK(reply.status == status);
    CHECK(reply.complete);
    CHECK(reply.field("connection") == "close");
    CHECK(reply.field("content-type") == "text/plain; charset=utf-8");
    CHECK(reply.field("x-content-type-options") == "nosniff");
    CHECK(reply.field("date").size() == 29);
    CHECK_FALSE(reply.body.empty());
    CHECK(client.closedByServer());
  }
}

TEST_CASE("the guard is asked before anything is told, on the hash lane when it must hash") {
  TestServer app;
  Client client(app.port());
  CHECK(client.exchange(get("/secret")).status == 401);
  CHECK(client.exchange(get("/secret", "X-Password: wrong\r\n")).status == 401);
  CHECK(app.service.seen.guardOnHashLane == 1);
  CHECK(client.exchange(get("/secret", "X-Password: right\r\n")).body == "somebody has a grant");
  CHECK(client.exchange(post("/secret", "body", "X-Password: right\r\n")).body == "body");
  CHECK(client.exchange(get("/secret", "X-Password: lost\r\n")).status == 500);
  client.send(get("/secret", "X-Password: right\r\n") + get("/hello") +
              post("/secret", "x", "X-Password: wrong\r\n") + get("/hello"));
  CHECK(client.receive().status == 200);
  CHECK(client.receive().body == "hello\n");
  CHECK(client.receive().status == 401);
  CHECK(client.receive().body == "hello\n");
}

TEST_CASE("a handler leaves the rest of its work to another lane") {
  TestServer app;
  Client client(app.port());
  const Reply relayed = client.exchange(get("/relay"));
  CHECK(relayed.body == "relayed\n");
  CHECK(relayed.field("x-decorated") == "yes");
  CHECK(client.exchange(get("/relay?twice=yes")).body == "relayed twice: yes");
  const Reply refused = client.exchange(get("/relay?refuse"));
  CHECK(refused.status == 403);
  CHECK(refused.body == "test: Forbidden");
  client.send(get("/relay") + get("/hello") + get("/relay?twice=2") + get("/hello"));
  CHECK(client.receive().body == "relayed\n");
  CHECK(client.receive().body == "hello\n");
  CHECK(client.receive().body == "relayed twice: 2");
  CHECK(client.receive().body == "hello\n");
}

TEST_CASE("a path that nothing matches is refused by the service's guard first") {
  class Nobody final : public Guard {
   public:
    std::string_view description() const override { return "nobody"; }
    Admission admit(Request&, Lane) const override { throw Unauthorized("Unauthorized"); }
  };
  const Nobody nobody;
  TestServer app;
  app.service.unmatched = &nobody;
  Client client(app.port());
  CHECK(client.exchange(get("/nowhere")).status == 401);
  CHECK(client.exchange(get("/item/%00")).status == 401);
  CHECK(client.exchange(post("/hello", "")).status == 401);
  CHECK(client.exchange(get("/hello")).status == 200);
}

TEST_CASE("a Unix socket serves like any other, and its file goes with the server") {
  const std::string path = "/tmp/coffer-http-test-" + randomUuid() + ".sock";
  {
    TestServer app({.unixPath = path});
    CHECK(app.bound().url == "unix:" + path);
    CHECK(app.bound().address == path);
    Client client(path);
    CHECK(client.exchange("GET /who HTTP/1.1\r\nHost: L3RtcC9yZXN0LnNvY2s\r\n\r\n")
              .body.starts_with("unix http://L3RtcC9yZXN0LnNvY2s "));
    CHECK_THROWS_AS(TestServer({.unixPath = path}), UsageError);
  }
  CHECK_THROWS(Client(path));
}
