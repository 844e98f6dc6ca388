// SPDX-License-Identifier: BSD-2-Clause
//
// Parts of an object, and conditions on it.
#include "services/restic/routes_harness.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;

TEST_CASE("ranges of an object of eleven bytes, over the whole route") {
  Harness server = serverWithRepository(false);
  const std::string target = server.store("/r/data/", kBody);
  struct Row {
    const char* range;
    int status;
    const char *contentRange, *body;
  };
  const Row rows[] = {
      {"bytes=0-4", 206, "bytes 0-4/11", "hello"},
      {"bytes=6-", 206, "bytes 6-10/11", "world"},
      {"bytes=0-", 206, "bytes 0-10/11", "hello world"},
      {"bytes=-3", 206, "bytes 8-10/11", "rld"},
      {"bytes=-100", 206, "bytes 0-10/11", "hello world"},
      {"bytes=0-100", 206, "bytes 0-10/11", "hello world"},
      {"bytes=10-10", 206, "bytes 10-10/11", "d"},
      {"bytes=11-", 416, "bytes */11", "invalid range: failed to overlap\n"},
      {"bytes=11-20", 416, "bytes */11", "invalid range: failed to overlap\n"},
      {"bytes=100-", 416, "bytes */11", "invalid range: failed to overlap\n"},
      {"bytes=10-5", 416, "", "invalid range\n"},
      {"bytes=a-b", 416, "", "invalid range\n"},
      {"foo=0-1", 416, "", "invalid range\n"},
      {"bytes=", 200, "", "hello world"},
      {"bytes=0-1,3-4", 200, "", "hello world"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.range);
    const Answer answer = server.ask({.target = target, .headers = {{"Range", row.range}}});
    CHECK(answer.status == row.status);
    CHECK(answer.header("Content-Range") == row.contentRange);
    CHECK(answer.body == row.body);
    CHECK(answer.header("Accept-Ranges") == "bytes");
  }
}

TEST_CASE("conditions on an object") {
  Harness server = serverWithRepository(false);
  const std::string target = server.store("/r/data/", kBody);
  const std::string tag = "\"" + kId + "\"";
  const auto status = [&](const char* name, const std::string& value) {
    return server.ask({.target = target, .headers = {{name, value}, {"Range", "bytes=0-4"}}})
        .status;
  };
  CHECK(server.get(target).header("ETag") == tag);
  CHECK(status("If-None-Match", "*") == 304);
  CHECK(status("If-None-Match", "\"x\", W/" + tag) == 304);
  CHECK(status("If-None-Match", "\"x\"") == 206);
  CHECK(status("If-Match", "\"x\"") == 412);
  CHECK(status("If-Match", "*") == 206);
  CHECK(status("If-Match", tag) == 206);
  CHECK(status("If-Match", "W/" + tag) == 412);
  CHECK(status("If-Range", "\"x\"") == 200);
  CHECK(status("If-Range", tag) == 206);
  CHECK(status("If-Range", "Thu, 01 Jan 1970 00:00:00 GMT") == 206);
  CHECK(status("If-Range", "Fri, 20 Nov 2026 08:00:00 GMT") == 200);
  CHECK(status("If-Modified-Since", "Fri, 20 Nov 2026 08:00:00 GMT") == 206);
}
