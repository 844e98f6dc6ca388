// SPDX-License-Identifier: BSD-2-Clause
//
// Request bodies: limits, uploads, what is left unread, "100 Continue".
#include "appliance/base/bytes.h"
#include "appliance/http/server_test_support.h"

#include <doctest/doctest.h>

#include <string>
#include <thread>

using namespace coffer;
using namespace coffer::http;
using namespace coffer::http::testing;

namespace {

std::string put(std::string_view path, std::uint64_t length, std::string_view fields = "") {
  return "PUT " + std::string(path) +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(fields) + "\r\n";
}

std::string chunkedHead(std::string_view method, std::string_view path) {
  return std::string(method) + " " + std::string(path) +
         " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
}

}  // namespace

TEST_CASE("an upload is streamed to its sink and answered when it has finished") {
  TestServer app;
  Client client(app.port());
  const std::string body = patternBytes(0, 3 * MiB + 17);
  client.send(put("/upload/x", body.size()) + body);
  CHECK((client.receive().body == "x:" + body));
  client.send(chunkedHead("PUT", "/upload/y") + chunked(body, 10000));
  CHECK((client.receive().body == "y:" + body));
  CHECK(client.exchange(put("/upload/empty", 0)).body == "empty:");
  CHECK(client.exchange(chunkedHead("PUT", "/upload/none") + "0\r\n\r\n").body == "none:");
  CHECK(app.service.seen.uploadsFinished == 4);
  CHECK(app.service.seen.uploadsUndone == 0);
}

TEST_CASE("an upload that does not arrive whole is undone") {
  TestServer app;
  auto& seen = app.service.seen;
  SUBCASE("the client resets the connection") {
    Client client(app.port());
    client.send(put("/upload/x", 1000) + "half");
    CHECK(eventually([&seen] { return seen.uploadedBytes == 4; }));
    client.reset();
  }
  SUBCASE("the client finishes sending too early, and is told") {
    Client client(app.port());
    client.send(put("/upload/x", 1000) + "half");
    client.finishSending();
    const Reply reply = client.receive();
    CHECK(reply.status == 400);
    CHECK(reply.field("connection") == "close");
  }
  SUBCASE("the chunks are broken") {
    Client client(app.port());
    client.send(chunkedHead("PUT", "/upload/x") + "4\r\nhalf\r\nz\r\n");
    const Reply reply = client.receive();
    CHECK(reply.status == 400);
    CHECK(reply.field("connection") == "close");
    CHECK(client.closedByServer());
  }
  SUBCASE("the sink refuses the rest") {
    Client client(app.port());
    client.send(put("/upload/x", 10 * MiB) + "REFUSE-ME");
    const Reply reply = client.receive();
    CHECK(reply.status == 507);
    CHECK(reply.field("connection") == "close");
  }
  SUBCASE("the server stops") {
    Client client(app.port());
    client.send(put("/upload/x", 1000) + "half");
    CHECK(eventually([&seen] { return seen.uploadedBytes == 4; }));
    CHECK(app.server.stop(std::chrono::milliseconds(20)) == 1);
  }
  CHECK(eventually([&seen] { return seen.sinksOpen == 0 && seen.uploadsUndone == 1; }));
  CHECK(seen.uploadsFinished == 0);
}

TEST_CASE("a large upload that is refused at once still gets to see why") {
  TestServer app;
  const std::string body = patternBytes(0, 16 * MiB);
  Client client(app.port());
  // All of the body is sent before the answer is looked at, as a simple client does.
  CHECK(client.send(put("/upload/taken", body.size()) + body));
  const Reply reply = client.receive();
  CHECK(reply.status == 403);
  CHECK(reply.complete);
  CHECK(reply.field("connection") == "close");
  CHECK(client.closedByServer());
}

TEST_CASE("a small body left unread is read away and the connection goes on") {
  TestServer app;
  Client client(app.port());
  const std::string body = patternBytes(0, 100000);
  CHECK(client.exchange(put("/upload/taken", body.size()) + body + get("/hello")).status == 403);
  CHECK(client.receive().body == "hello\n");
  CHECK(client.exchange(chunkedHead("PUT", "/upload/taken") + chunked(body, 777) + get("/hello"))
            .status == 403);
  CHECK(client.receive().body == "hello\n");
  // A GET with a body: it means nothing, and is not the next request either.
  CHECK(client
            .exchange("GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 38\r\n\r\n"
                      "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n")
            .body == "hello\n");
  CHECK(client.exchange(get("/item/next")).body == "next");
}

TEST_CASE("a body over the limit is refused, declared or not") {
  TestServer app;
  {
    Client client(app.port());
    CHECK(client.exchange(post("/tiny", "0123456789")).body == "0123456789");
    const Reply reply = client.exchange(post("/tiny", "0123456789a"));
    CHECK(reply.status == 413);
    CHECK(client.exchange(get("/hello")).status == 200);  // The rest was small.
  }
  {
    Client client(app.port());
    const Reply reply = client.exchange(chunkedHead("POST", "/tiny") + chunked("0123456789a", 4));
    CHECK(reply.status == 413);
  }
  {
    Client client(app.port());
    const Reply reply = client.exchange(put("/echo", 0).replace(0, 3, "POST"));
    CHECK(reply.status == 200);
    CHECK(client.exchange("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\n")
              .status == 413);
    CHECK(client.closedByServer());
  }
  {
    // A route without a body tolerates a small one only.
    Client client(app.port());
    const Reply reply =
        client.exchange("GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n");
    CHECK(reply.status == 413);
    CHECK(reply.field("connection") == "close");
  }
  {
    Client client(app.port());
    client.send(chunkedHead("GET", "/hello"));
    client.send(chunked(patternBytes(0, 400000), 60000));
    CHECK(client.receive().status == 413);
  }
}

TEST_CASE("DELETE may have a body") {
  TestServer app;
  Client client(app.port());
  CHECK(client.exchange("DELETE /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").body ==
        "abc");
}

TEST_CASE("100 Continue is sent when the body is wanted, and not before") {
  TestServer app;
  const std::string expect = "Expect: 100-continue\r\n";
  {
    Client client(app.port());
    CHECK(client.exchange(put("/upload/x", 4, expect)).status == 100);
    CHECK(client.exchange("body").body == "x:body");
    CHECK(client.exchange(put("/upload/y", 4, expect)).status == 100);
    CHECK(client.exchange("next").body == "y:next");
    // A client that does not wait is not told.
    CHECK(client.exchange(put("/upload/z", 4, expect) + "body").body == "z:body");
    CHECK(client.exchange(put("/upload/z", 0, expect)).body == "z:");
  }
  const std::vector<std::pair<int, std::string>> refused{
      {403, put("/upload/taken", 4, expect)},
      {413, put("/upload/x", 65 * MiB, expect)},
      {404, put("/nowhere", 4, expect)},
      {405, put("/hello", 4, expect)},
      {401, "POST /secret HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n" + expect + "\r\n"},
      {200, "GET /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n" + expect + "\r\n"},
  };
  for (const auto& row : refused) {
    const auto& status = row.first;
    const auto& request = row.second;
    CAPTURE(request);
    Client client(app.port());
    const Reply reply = client.exchange(request);
    CHECK(reply.status == status);
    CHECK(reply.field("connection") == "close");
    CHECK(client.closedByServer());
  }
}
