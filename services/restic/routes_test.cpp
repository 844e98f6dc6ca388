// SPDX-License-Identifier: BSD-2-Clause
//
// The protocol's table of routes, asked of the service without sockets. tests/http asks it over a
// socket.
#include "services/restic/routes_harness.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;

namespace {

http::Method methodOf(const std::string& name) { return *http::parseMethod(name); }

}  // namespace

TEST_CASE("routes answer what the protocol says, in both modes") {
  struct Row {
    const char *modes, *method;
    std::string target, body;
    int status;
    std::string allow{};
  };
  const std::string objectAllow = "HEAD, GET, POST, DELETE";
  const Row rows[] = {
      {"na", "GET", "/", "", 405, "POST"},
      {"na", "HEAD", "/", "", 405, "POST"},
      {"na", "DELETE", "/r/", "", 405, "POST"},
      {"na", "POST", "/r/", "", 400},
      {"na", "POST", "/r/?create=false", "", 400},
      {"na", "POST", "/r/?create=TRUE", "", 400},
      {"na", "POST", "/r/?create=true&create=false", "", 200},
      {"na", "POST", "/new/?create=true", "", 200},
      {"na", "POST", "/r/?create=true", "", 200},
      {"na", "POST", "/r2?create=true", "", 404},
      {"na", "POST", "/a/b/?create=true", "", 200},
      {"na", "POST", "/a/b/c/?create=true", "", 404},
      {"na", "POST", "/locks/?create=true", "", 405, "GET"},
      {"na", "POST", "/data/foo/?create=true", "", 404},
      {"na", "POST", "/.coffer/?create=true", "", 404},
      {"na", "HEAD", "/r/config", "", 404},
      {"na", "GET", "/r/config", "", 404},
      {"na", "GET", "/nosuch/config", "", 404},
      {"na", "POST", "/nosuch/config", "cfg", 200},
      {"na", "PUT", "/r/config", "x", 405, objectAllow},
      {"n", "DELETE", "/r/config", "", 200},
      {"a", "DELETE", "/r/config", "", 403},
      {"na", "GET", "/r/config/", "", 404},
      {"na", "GET", "/nosuch2/data/", "", 404},
      {"na", "GET", "/r/data", "", 404},
      {"na", "HEAD", "/r/data/", "", 405, "GET"},
      {"na", "POST", "/r/data/", "x", 405, "GET"},
      {"na", "DELETE", "/r/data/", "", 405, "GET"},
      {"na", "GET", "/r/foo/", "", 405, "POST"},
      {"na", "GET", "/a/b/c/data/", "", 404},
      {"na", "HEAD", "/r/data/" + kId, "", 404},
      {"na", "GET", "/r/data/" + kId, "", 404},
      {"na", "GET", "/r/data/foobar", "", 404},
      {"na", "GET", "/r/data/" + std::string(64, 'A'), "", 404},
      {"na", "POST", "/r/data/" + kBad, kBody, 400},
      {"na", "POST", "/r/keys/" + kId, "", 400},
      {"na", "POST", "/r/data/foobar", "x", 404},
      {"na", "PATCH", "/r/data/" + kId, "x", 405, objectAllow},
      {"na", "OPTIONS", "/r/data/" + kId, "", 405, objectAllow},
      {"n", "DELETE", "/r/data/" + kId, "", 200},
      {"n", "DELETE", "/nosuch/data/" + kId, "", 200},
      {"n", "DELETE", "/r/data/foobar", "", 404},
      {"a", "DELETE", "/r/data/" + kBad, "", 403},
      {"a", "DELETE", "/r/index/" + kBad, "", 403},
      {"na", "DELETE", "/r/locks/" + kBad, "", 200},
      {"na", "GET", "/r/%00/config", "", 404},
      {"na", "GET", "/r/%zz/config", "", 400},
      {"na", "GET", "//config", "", 404},
      {"na", "GET", "/r/../../etc/passwd", "", 404},
      {"na", "GET", "/r%2Fconfig", "", 404},
      {"na", "GET", "/" + std::string(300, 'x') + "/config", "", 404},
  };
  for (const char mode : {'n', 'a'}) {
    Harness server = serverWithRepository(mode == 'a');
    for (const Row& row : rows) {
      if (std::string_view(row.modes).find(mode) == std::string_view::npos) continue;
      CAPTURE(mode);
      CAPTURE(row.method);
      CAPTURE(row.target);
      const Answer answer =
          server.ask({.method = methodOf(row.method), .target = row.target, .body = row.body});
      CHECK(answer.status == row.status);
      CHECK(answer.header("Allow") == row.allow);
      if (row.status == 200) CHECK(answer.body.empty());
      if (row.status >= 400) CHECK(answer.header("Content-Type") == "text/plain; charset=utf-8");
      if (row.status >= 400) CHECK(answer.header("X-Content-Type-Options") == "nosniff");
    }
    CHECK(strayFiles(server.path()).empty());
    CHECK(server.get("/r/data/foobar").body == "Not Found\n");
    CHECK(server.remove("/r/").body == "Method Not Allowed\n");
  }
}

TEST_CASE("every route has a guard, and no path without credentials is answered but with 401") {
  Harness server({}, "bob:{SHA}0nofEXcSAJSXFLGvmfBIpBb11vQ=\n");
  for (const char* target :
       {"/", "/r/", "/r", "/config", "/r/config", "/r/data/", "/x/y/z/", "/.coffer/"}) {
    for (const auto method : {http::Method::Get, http::Method::Head, http::Method::Post,
                              http::Method::Put, http::Method::Delete, http::Method::Options}) {
      CHECK(server.ask({.method = method, .target = target}).status == 401);
    }
  }
  CHECK(server.get("/r/config").header("WWW-Authenticate").starts_with("Basic realm="));
  CHECK(server.get("/r/config").body == "Unauthorized\n");
  for (const auto& route : server.service().routes()) {
    CHECK(route.guard().description().starts_with("restic "));
  }
}
