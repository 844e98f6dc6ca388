// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/target.h"

#include "appliance/base/fault.h"
#include "appliance/http/request_builder.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace coffer;
using namespace coffer::http;

namespace {

std::shared_ptr<const MountPoint> mountAt(std::string prefix) {
  auto mount = std::make_shared<MountPoint>();
  mount->prefix = std::move(prefix);
  return mount;
}

}  // namespace

TEST_CASE("a path is split first and decoded after") {
  using Segments = std::vector<std::string>;
  CHECK(decodeSegments("/") == Segments{""});
  CHECK(decodeSegments("/a") == Segments{"a"});
  CHECK(decodeSegments("/a/") == Segments{"a", ""});
  CHECK(decodeSegments("/a/b%20c/d+e") == Segments{"a", "b c", "d+e"});
  CHECK(decodeSegments("/%C3%A9/%e2%82%ac") == Segments{"\xc3\xa9", "\xe2\x82\xac"});
  CHECK(decodeSegments("/...") == Segments{"..."});
  CHECK(decodeSegments("/%41%25") == Segments{"A%"});
}

TEST_CASE("paths that could mean something else to somebody else are not found") {
  for (const std::string path : {"//",         "//config",      "/a//b", "/.",        "/..",
                                 "/a/../b",    "/a/./b",        "/%2e",  "/%2E%2e/x", "/a%2Fb",
                                 "/a%2fb",     "/a%5Cb",        "/a\\b", "/%00",      "/a%00b",
                                 "/%0a",       "/%7f",          "/%1F",  "/%ff",      "/%C0%AF",
                                 "/%ED%A0%80", "/%F5%80%80%80", "",      "x",         "*"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(decodeSegments(path), NotFound);
  }
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "/a";
  CHECK_THROWS_AS(decodeSegments(deep), NotFound);
}

TEST_CASE("broken percent escapes are bad requests") {
  for (const std::string path : {"/%", "/%4", "/%zz", "/a/%4g", "/%-1", "/../%zz"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(decodeSegments(path), BadRequest);
  }
}

TEST_CASE("a mount takes its own paths and no others") {
  CHECK(pathBelow("", "/a") == "/a");
  CHECK(pathBelow("/restic", "/restic/a") == "/a");
  CHECK(pathBelow("/restic", "/restic/") == "/");
  CHECK(pathBelow("/restic", "/restic") == "/");
  CHECK_FALSE(pathBelow("/restic", "/resticx"));
  CHECK_FALSE(pathBelow("/restic", "/other"));
  CHECK_FALSE(pathBelow("/restic", "/"));
}

TEST_CASE("query parameters are decoded; the first of a name counts") {
  const std::string query = "a=1&b=&c&a=2&d+e=f%20g+h&bad=%zz&&=x";
  CHECK(findQueryParameter(query, "a") == "1");
  CHECK(findQueryParameter(query, "b") == "");
  CHECK(findQueryParameter(query, "c") == "");
  CHECK(findQueryParameter(query, "d e") == "f g h");
  CHECK(findQueryParameter(query, "bad") == "%zz");
  CHECK_FALSE(findQueryParameter(query, "x"));
  CHECK_FALSE(findQueryParameter("", "a"));
}

TEST_CASE("a built request shows the target as the service is to see it") {
  const Request request =
      RequestBuilder().target("/restic/r/config?create=true&x", mountAt("/restic")).build();
  CHECK(request.target() == "/restic/r/config?create=true&x");
  CHECK(request.path() == "/r/config");
  CHECK(request.segments().size() == 2);
  CHECK(request.query("create") == "true");
  CHECK(request.query("x") == "");
  CHECK_FALSE(request.query("y"));

  const Request absolute = RequestBuilder().target("http://h?a=b", mountAt("")).build();
  CHECK(absolute.path() == "/");
  CHECK(absolute.query("a") == "b");
  const Request withPath = RequestBuilder().target("https://h:1/x/y", mountAt("/x")).build();
  CHECK(withPath.path() == "/y");
}

TEST_CASE("header fields are found whatever their case, parameters by name") {
  Match match;
  match.params = {{"id", "42"}};
  Request request =
      RequestBuilder().header("X-One", "1").header("x-one", "2").matched(std::move(match)).build();
  CHECK(request.header("x-ONE") == "1");
  CHECK(request.header("X-Two").empty());
  CHECK_FALSE(request.hasHeader("X-Two"));
  CHECK(request.param("id") == "42");
  CHECK(request.param("other").empty());
  CHECK_FALSE(request.hasAttached<int>());
  CHECK_THROWS_AS(static_cast<void>(request.attached<int>()), std::logic_error);
  request.attach(std::make_shared<const int>(7));
  CHECK(request.attached<int>() == 7);
}
