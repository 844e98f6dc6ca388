// SPDX-License-Identifier: BSD-2-Clause
//
// Slow, silent and too many clients; stopping; lanes that are full; proxies.
#include "appliance/base/bytes.h"
#include "appliance/http/server_test_support.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::http;
using namespace coffer::http::testing;
using namespace std::chrono_literals;

TEST_CASE("clients that are slow or silent keep no worker from the others") {
  TestServer app({.options = {.workers = 1}});
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 30; ++i) {
    slow.push_back(std::make_unique<Client>(app.port()));
    switch (i % 5) {
      case 0:
        break;
      case 1:
        slow.back()->send("GET /hel");
        break;
      case 2:
        slow.back()->send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab");
        break;
      case 3:
        slow.back()->send("PUT /upload/x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na");
        break;
      default:
        slow.back()->send(get("/file"));  // Never read.
    }
  }
  Client client(app.port());
  for (int i = 0; i < 20; ++i) {
    CHECK(client.exchange(get("/hello")).body == "hello\n");
    CHECK(client.exchange(post("/echo", "x")).body == "x");
  }
  // And the slow ones are served when they come to it.
  slow[1]->send("lo HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(slow[1]->receive().body == "hello\n");
  slow[2]->send("cdefghi");
  CHECK(slow[2]->receive().body == "abcdefghi");
  CHECK((slow[4]->receive().body == patternBytes(0, 6 * MiB)));
}

TEST_CASE("a head that trickles is answered 408 at its deadline") {
  TestServer app({.options = {.workers = 1, .headDeadline = 1s}});
  Client client(app.port());
  client.send("GET /hello HTTP/1.1\r\n");
  std::thread trickle([&client] {
    for (int i = 0; i < 12; ++i) {
      client.send("X");
      sleepMilliseconds(100);
    }
  });
  const Reply reply = client.receive();
  trickle.join();
  CHECK(reply.status == 408);
  CHECK(client.closedByServer());
}

TEST_CASE("a body below the minimum rate is answered 408 and undone") {
  TestServer app({.options = {.minBodyRate = 1000, .bodyRateWindow = 1s}});
  Client client(app.port());
  client.send("PUT /upload/x HTTP/1.1\r\nHost: h\r\nContent-Length: 9999\r\n\r\nslow");
  const Reply reply = client.receive();
  CHECK(reply.status == 408);
  CHECK(client.closedByServer());
  CHECK(eventually([&app] { return app.service.seen.uploadsUndone == 1; }));
}

TEST_CASE("an idle connection is closed after its time, a busy one is not") {
  TestServer app({.options = {.keepAlive = 1s}});
  Client silent(app.port());
  Client client(app.port());
  CHECK(client.exchange(get("/hello")).status == 200);
  CHECK_FALSE(client.hasInput(300));
  CHECK(client.closedByServer());
  CHECK(silent.closedByServer());
  Client waiting(app.port());
  waiting.send(get("/wait"));
  REQUIRE(app.service.seen.gate.waitForVisitors(1));
  CHECK_FALSE(waiting.hasInput(2100));
  app.service.seen.gate.open();
  CHECK(waiting.receive().body == "waited\n");
}

TEST_CASE("a client that takes nothing of its answer is cut") {
  TestServer app({.options = {.sendStall = 1s}});
  auto client = std::make_unique<Client>(app.port());
  client->send(get("/file") + get("/file") + get("/file"));
  CHECK(eventually([&app] { return app.service.seen.sent > 0; }));
  const auto before = app.service.seen.sentBytes.load();
  CHECK(before < 18 * MiB);
  client->readAll();
  CHECK((client->wasReset() || before > 0));
}

TEST_CASE("connections over a limit are closed at once") {
  SUBCASE("in total") {
    TestServer app({.options = {.maxConnections = 2}});
    Client one(app.port());
    CHECK(one.exchange(get("/hello")).status == 200);
    auto two = std::make_unique<Client>(app.port());
    CHECK(two->exchange(get("/hello")).status == 200);
    Client three(app.port());
    CHECK(three.receive().status == 0);
    two.reset();
    CHECK(eventually([&app] {
      Client four(app.port());
      return four.exchange(get("/hello")).status == 200;
    }));
  }
  SUBCASE("per address") {
    TestServer app({.options = {.maxConnectionsPerAddress = 1}});
    Client one(app.port());
    CHECK(one.exchange(get("/hello")).status == 200);
    Client two(app.port());
    CHECK(two.receive().status == 0);
  }
  SUBCASE("but a trusted proxy speaks for many") {
    TestServer app({.options = {.maxConnectionsPerAddress = 1, .trustedProxies = {"127.0.0.0/8"}}});
    Client one(app.port());
    CHECK(one.exchange(get("/hello")).status == 200);
    Client two(app.port());
    CHECK(two.exchange(get("/hello")).status == 200);
  }
}

TEST_CASE("forwarding headers count only from a trusted proxy") {
  const std::string forwarded =
      "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: "
      "vault.test\r\n";
  {
    TestServer app;
    Client client(app.port());
    CHECK(client.exchange(get("/who", forwarded)).body.starts_with("127.0.0.1 http://test "));
  }
  {
    TestServer app({.options = {.trustedProxies = {"127.0.0.1"}}});
    Client client(app.port());
    CHECK(client.exchange(get("/who", forwarded))
              .body.starts_with("203.0.113.7 https://vault.test "));
    CHECK(client.exchange(get("/who", "X-Forwarded-For: junk\r\n"))
              .body.starts_with("127.0.0.1 http://test "));
  }
}

TEST_CASE("a full hash lane answers 503 and says when to come again") {
  TestServer app({.options = {.hashThreads = 1, .hashQueue = 1}});
  const auto wait = [&app] { app.service.seen.gate.wait(); };
  CHECK(app.server.post(Lane::Hash, wait));  // Runs …
  REQUIRE(app.service.seen.gate.waitForVisitors(1));
  CHECK(app.server.post(Lane::Hash, wait));  // … and waits.
  CHECK_FALSE(app.server.post(Lane::Hash, wait));
  Client client(app.port());
  for (const std::string& request : {get("/hash"), get("/secret", "X-Password: right\r\n")}) {
    const Reply reply = client.exchange(request);
    CHECK(reply.status == 503);
    CHECK(reply.field("retry-after") == "1");
    CHECK(reply.field("x-decorated") == "yes");
  }
  CHECK(client.exchange(get("/hello")).status == 200);
  CHECK(client.exchange(get("/disk")).status == 200);
  app.service.seen.gate.open();
  CHECK(eventually([&client] { return client.exchange(get("/hash")).status == 200; }));
}

TEST_CASE("what waits for another server holds up nobody else, and its lane has a bound") {
  TestServer app({.options = {.outboundThreads = 1, .outboundQueue = 1}});
  Client first(app.port());
  first.send(get("/relay?wait"));
  REQUIRE(app.service.seen.gate.waitForVisitors(1));
  CHECK(app.server.post(Lane::Outbound, [] {}));
  Client other(app.port());
  const Reply refused = other.exchange(get("/relay"));
  CHECK(refused.status == 503);
  CHECK(refused.field("retry-after") == "1");
  CHECK(refused.field("x-decorated") == "yes");
  for (const auto& path : {"/hello", "/disk", "/hash"}) {
    CHECK(other.exchange(get(path)).status == 200);
  }
  app.service.seen.gate.open();
  CHECK(first.receive().body == "relayed\n");
}

TEST_CASE("stopping lets what is in flight finish and closes everything") {
  TestServer app;
  Client idle(app.port());
  CHECK(idle.exchange(get("/hello")).status == 200);
  Client untouched(app.port());
  Client waiting(app.port());
  waiting.send(get("/wait"));
  REQUIRE(app.service.seen.gate.waitForVisitors(1));
  std::size_t cut = 99;
  std::thread stopper([&app, &cut] { cut = app.server.stop(10s); });
  CHECK(idle.closedByServer());
  CHECK(untouched.closedByServer());
  CHECK_FALSE(waiting.hasInput(100));
  app.service.seen.gate.open();
  const Reply reply = waiting.receive();
  CHECK(reply.body == "waited\n");
  CHECK(reply.field("connection") == "close");
  CHECK(waiting.closedByServer());
  stopper.join();
  CHECK(cut == 0);
  CHECK_THROWS(Client(app.port()));
  CHECK_FALSE(app.server.post(Lane::Disk, [] {}));
}

TEST_CASE("stopping begins no more slow work: no call of another server, no hash") {
  TestServer app({.options = {.workers = 1, .hashThreads = 1, .outboundThreads = 1}});
  std::string path = "/relay?wait";
  std::string answer = "relayed\n";
  SUBCASE("outbound") {}
  SUBCASE("hash") {
    path = "/wait-hash";
    answer = "waited\n";
  }
  Client asking(app.port());
  asking.send(get(path));
  REQUIRE(app.service.seen.gate.waitForVisitors(1));
  Client queued(app.port());
  queued.send(get(path));
  Client idle(app.port());  // Answered by the one worker after the queued request was taken in.
  REQUIRE(idle.exchange(get("/hello")).status == 200);
  std::thread stopper([&app] { CHECK(app.server.stop(10s) == 0); });
  CHECK(idle.closedByServer());
  app.service.seen.gate.open();
  CHECK(asking.receive().body == answer);
  CHECK(queued.receive().status == 503);
  stopper.join();
}

TEST_CASE("what is left at the deadline is cut and counted") {
  TestServer app;
  Client stuck(app.port());
  stuck.send(get("/file") + get("/file") + get("/file"));
  CHECK(stuck.hasInput(5000));
  Client partial(app.port());
  partial.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  Client probe(app.port());
  CHECK(probe.exchange(get("/hello")).status == 200);
  CHECK(app.server.stop(50ms) >= 1);
}

TEST_CASE("jobs run on the lanes and not after the end") {
  TestServer app;
  Gate ran;
  CHECK(app.server.post(Lane::Disk, [&ran] {
    ran.open();
    ran.wait();
  }));
  CHECK(ran.waitForVisitors(1));
  CHECK_FALSE(app.server.post(Lane::Io, [] {}));
}

TEST_CASE("listening where nobody can is a usage error with the reason") {
  TestServer app;
  ServerMetrics metrics;
  Server second({}, metrics, nullptr);
  ListenerOptions taken;
  taken.endpoint.host = "127.0.0.1";
  taken.endpoint.port = app.port();
  const std::string expected =
      "listen on 127.0.0.1:" + std::to_string(app.port()) + " failed: address already in use";
  CHECK_THROWS_WITH_AS(second.listen(std::move(taken)), expected.c_str(), UsageError);
  ListenerOptions everywhere;
  const auto& bound = second.listen(std::move(everywhere));
  CHECK(bound.url.starts_with("http://"));
  CHECK(bound.url.substr(7) == bound.address);
}
