// SPDX-License-Identifier: BSD-2-Clause
//
// A repository's config: stored once, never replaced.
#include "services/restic/routes_harness.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;

TEST_CASE("a config is stored once, read whole, and removed") {
  Harness server = serverWithRepository(false);
  CHECK(server.post("/r/config", "cfg").status == 200);
  CHECK(server.post("/r/config", "other").status == 403);
  CHECK(server.post("/r/config", "cfh").status == 403);
  CHECK(server.get("/r/config").body == "cfg");
  const Answer ranged = server.ask({.target = "/r/config", .headers = {{"Range", "bytes=1-1"}}});
  CHECK(ranged.status == 200);
  CHECK(ranged.body == "cfg");
  CHECK(server.ask({.method = http::Method::Head, .target = "/r/config"}).declaredLength == 3);
  CHECK(server.post("/r/?create=true").status == 200);
  CHECK(server.remove("/r/config").status == 200);
  CHECK(server.get("/r/config").status == 404);
}

TEST_CASE("a config whose answer was lost may be sent again, also where nothing is replaced") {
  ResticOptions options;
  options.appendOnly = true;
  auto server = Harness::withoutLogin(options);
  const auto send = [&](const std::string& body, bool chunked, bool asksFirst) {
    return server
        .ask({.method = http::Method::Post,
              .target = "/r/config",
              .body = body,
              .chunked = chunked,
              .expectsContinue = asksFirst})
        .status;
  };
  CHECK(send("cfg", false, true) == 200);
  for (const bool chunked : {false, true}) {
    CHECK(send("cfg", chunked, false) == 200);
    CHECK(send("cfh", chunked, false) == 403);
    CHECK(send("cfg+", chunked, false) == 403);
    CHECK(send("", chunked, false) == 403);
    CHECK(send("cfg", chunked, true) == 403);  // As for objects: not even asked to send it.
  }
  CHECK(server.get("/r/config").body == "cfg");

  // Both began before either was stored.
  auto one = server.request(http::Method::Post, "/s/config", 3);
  auto two = server.request(http::Method::Post, "/s/config", 3);
  auto three = server.request(http::Method::Post, "/s/config", 3);
  const auto first = server.begin(one);
  const auto same = server.begin(two);
  const auto other = server.begin(three);
  first->write("cfg");
  same->write("cfg");
  other->write("cfh");
  CHECK(first->finish().status() == 200);
  CHECK(same->finish().status() == 200);
  CHECK_THROWS_AS(other->finish(), Forbidden);
}

TEST_CASE("a config cut off in the middle is never seen and does not block the next try") {
  Harness server = serverWithRepository(false);
  auto request = server.request(http::Method::Post, "/r/config", 10);
  auto sink = server.begin(request);
  sink->write("half");
  sink.reset();
  CHECK(server.get("/r/config").status == 404);
  CHECK(server.post("/r/config", "whole").status == 200);
  CHECK(server.get("/r/config").body == "whole");
}
