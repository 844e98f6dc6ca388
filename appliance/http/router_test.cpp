// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/router.h"

#include "appliance/http/target.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace coffer::http;

namespace {

Route row(Method method, std::string pattern) {
  return Route(method, std::move(pattern), anyone(), kNoBody, Lane::Io,
               [](Request&) { return Response::empty(); });
}

struct Found {
  std::string pattern;  // "" when there is none.
  Params params;
  std::string allow;
};

Found find(const Router& router, Method method, const std::string& path) {
  const auto segments = decodeSegments(path);
  Match match = router.match(method, segments);
  return {match.route ? match.route->pattern() : "", match.params, match.allow};
}

}  // namespace

TEST_CASE("a literal beats a parameter beats the rest") {
  const std::vector<Route> rows{
      row(Method::Get, "/"),
      row(Method::Get, "/a"),
      row(Method::Get, "/{x}"),
      row(Method::Get, "/a/b"),
      row(Method::Get, "/a/{y}"),
      row(Method::Get, "/{x}/b"),
      row(Method::Get, "/files/{rest*}"),
      row(Method::Get, "/files/top"),
  };
  const Router router(rows, TrailingSlash::Significant);
  const auto pattern = [&router](const std::string& path) {
    return find(router, Method::Get, path).pattern;
  };
  CHECK(pattern("/") == "/");
  CHECK(pattern("/a") == "/a");
  CHECK(pattern("/b") == "/{x}");
  CHECK(pattern("/a/b") == "/a/b");
  CHECK(pattern("/a/c") == "/a/{y}");
  CHECK(pattern("/c/b") == "/{x}/b");
  CHECK(pattern("/c/d") == "");
  CHECK(pattern("/a/") == "");
  CHECK(pattern("/files/top") == "/files/top");
  CHECK(pattern("/files/x/y/z") == "/files/{rest*}");
  CHECK(pattern("/files/") == "");
}

TEST_CASE("parameters hold the decoded segments under the names of their own row") {
  const std::vector<Route> rows{row(Method::Get, "/{user}/items/{id}"),
                                row(Method::Put, "/{owner}/items/{item}"),
                                row(Method::Get, "/f/{path*}")};
  const Router router(rows, TrailingSlash::Significant);
  CHECK(find(router, Method::Get, "/ann%20b/items/7").params ==
        Params{{"user", "ann b"}, {"id", "7"}});
  CHECK(find(router, Method::Put, "/ann/items/7").params ==
        Params{{"owner", "ann"}, {"item", "7"}});
  CHECK(find(router, Method::Get, "/f/a/b%20c/").params == Params{{"path", "a/b c/"}});
}

TEST_CASE("a path that exists for other methods names them") {
  const std::vector<Route> rows{row(Method::Get, "/a/{id}"), row(Method::Delete, "/a/{id}"),
                                row(Method::Post, "/a/purge"), row(Method::Post, "/b")};
  const Router router(rows, TrailingSlash::Significant);
  CHECK(find(router, Method::Put, "/a/1").allow == "GET, HEAD, DELETE");
  CHECK(find(router, Method::Put, "/a/purge").allow == "POST, GET, HEAD, DELETE");
  CHECK(find(router, Method::Get, "/b").allow == "POST");
  CHECK(find(router, Method::Get, "/c").allow == "");
  // The literal row lacks the method, the other has it.
  CHECK(find(router, Method::Delete, "/a/purge").pattern == "/a/{id}");
}

TEST_CASE("HEAD is answered by its own row, or by GET's") {
  const std::vector<Route> rows{row(Method::Get, "/a"), row(Method::Get, "/b"),
                                row(Method::Head, "/b"), row(Method::Post, "/c")};
  const Router router(rows, TrailingSlash::Significant);
  const auto method = [&](const std::string& path) {
    const auto segments = decodeSegments(path);
    const Route* route = router.match(Method::Head, segments).route;
    return route ? std::string(nameOf(route->method())) : std::string();
  };
  CHECK(method("/a") == "GET");
  CHECK(method("/b") == "HEAD");
  CHECK(method("/c") == "");
}

TEST_CASE("a slash at the end matters unless the table says otherwise") {
  const std::vector<Route> rows{row(Method::Get, "/a"), row(Method::Get, "/b/"),
                                row(Method::Post, "/c/"), row(Method::Get, "/c")};
  const Router strict(rows, TrailingSlash::Significant);
  const Router lenient(rows, TrailingSlash::Optional);
  CHECK(find(strict, Method::Get, "/a/").pattern == "");
  CHECK(find(lenient, Method::Get, "/a/").pattern == "/a");
  CHECK(find(lenient, Method::Get, "/b/").pattern == "/b/");
  CHECK(find(lenient, Method::Get, "/b").pattern == "");
  CHECK(find(lenient, Method::Get, "/c/").pattern == "/c");
  CHECK(find(lenient, Method::Post, "/a/").allow == "GET, HEAD");
  CHECK(find(lenient, Method::Get, "/").pattern == "");
}

TEST_CASE("a table with a mistake does not come up") {
  const auto build = [](std::vector<Route> rows) {
    const Router router(rows, TrailingSlash::Significant);
  };
  for (const std::string pattern : {"", "a", "/a//b", "/{}", "/{a", "/a}", "/x{a}", "/{a}/{a}",
                                    "/{a*}/b", "/{*}", "/{a b}", "/{a*}/"}) {
    CAPTURE(pattern);
    CHECK_THROWS_AS(build({row(Method::Get, pattern)}), std::logic_error);
  }
  CHECK_THROWS_AS(build({row(Method::Get, "/a/{x}"), row(Method::Get, "/a/{y}")}),
                  std::logic_error);
  CHECK_NOTHROW(build({row(Method::Get, "/a/{x}"), row(Method::Put, "/a/{y}")}));
}
