// SPDX-License-Identifier: BSD-2-Clause
//
// The server as a client sees it, over real loopback sockets.
#include "appliance/base/bytes.h"
#include "appliance/http/server_test_support.h"

#include <doctest/doctest.h>

#include <sys/socket.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::http;
using namespace coffer::http::testing;
using namespace std::chrono_literals;

TEST_CASE("requests on a kept connection are answered one after the other") {
  TestServer app;
  Client client(app.port());
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.exchange(get("/hello"));
    CHECK(reply.status == 200);
    CHECK(reply.body == "hello\n");
    CHECK(reply.field("content-length") == "6");
    CHECK(reply.field("connection").empty());
    CHECK(reply.field("date").size() == 29);
    CHECK(reply.field("x-request-id").size() == 16);
    CHECK(reply.field("x-decorated") == "yes");
  }
  CHECK(client.exchange(get("/disk")).body == "disk\n");
  CHECK(client.exchange(get("/hash")).body == "hash\n");
  CHECK(client.exchange(post("/echo", "some bytes")).body == "some bytes");
  CHECK(client.exchange(get("/below/hello")).status == 200);
  CHECK(client.exchange(get("/item/a%20b")).body == "a b");
}
