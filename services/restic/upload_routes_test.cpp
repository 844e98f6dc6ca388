// SPDX-License-Identifier: BSD-2-Clause
//
// How an object comes in.
#include "services/restic/routes_harness.h"

#include <doctest/doctest.h>

#include <string>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;

TEST_CASE("an object is stored under its hash, never overwritten, and the same again succeeds") {
  for (const bool appendOnly : {false, true}) {
    Harness server = serverWithRepository(appendOnly);
    const std::string target = "/r/data/" + kId;
    CHECK(server.post(target, kBody).status == 200);
    CHECK(modeOf(server.path("r/data/" + kId.substr(0, 2) + "/" + kId)) == 0600);
    CHECK(server.post(target, kBody).status == 200);
    CHECK(
        server.ask({.method = http::Method::Post, .target = target, .body = kBody, .chunked = true})
            .status == 200);
    CHECK(server.post(target, "hello earth").status == 403);
    CHECK(server.post(target, "other length").status == 403);
    CHECK(server
              .ask({.method = http::Method::Post,
                    .target = target,
                    .body = "chunked and longer",
                    .chunked = true})
              .status == 403);
    CHECK(server
              .ask({.method = http::Method::Post,
                    .target = target,
                    .body = kBody,
                    .expectsContinue = true})
              .status == 403);
    CHECK(server.get(target).body == kBody);
    CHECK(server.remove(target).status == (appendOnly ? 403 : 200));
    CHECK(server.get(target).status == (appendOnly ? 200 : 404));
    CHECK(server.store("/r/locks/", kBody) == "/r/locks/" + kId);
    CHECK(server.remove("/r/locks/" + kId).status == 200);
    CHECK(server.get("/r/locks/" + kId).status == 404);
  }
}

TEST_CASE("objects of every type, also empty ones, in folders that are not there yet") {
  Harness server = Harness::withoutLogin();
  for (const ObjectType type : kAllTypes) {
    const std::string folder = "/fresh/deep/" + std::string(nameOf(type)) + "/";
    const std::string target = server.store(folder, kBody);
    CHECK(server.get(target).body == kBody);
    CHECK(server.post(folder + idOf("")).status == 200);
    const Answer head = server.ask(
        {.method = http::Method::Head, .target = target, .headers = {{"Range", "bytes=0-4"}}});
    CHECK(head.status == 200);
    CHECK(head.declaredLength == 11);
  }
  CHECK(server
            .get("/fresh/deep/"
                 "data/" +
                 kId + "?x=1")
            .body == kBody);
}

TEST_CASE("a cut-off upload that is overtaken removes nothing but its own") {
  Harness server = serverWithRepository(false);
  const std::string target = "/r/data/" + kId;
  auto request = server.request(http::Method::Post, target, kBody.size());
  auto blocked = server.begin(request);
  blocked->write("hello");
  CHECK(server.get("/r/data/").body == "[]");
  CHECK(server.remove(target).status == 200);
  CHECK(server.post(target, kBody).status == 200);
  blocked.reset();
  CHECK(server.get(target).body == kBody);
  CHECK(strayFiles(server.path()).empty());
}

TEST_CASE("of two complete uploads of one object both succeed and one is kept") {
  Harness server = serverWithRepository(false);
  auto request = server.request(http::Method::Post, "/r/data/" + kId, kBody.size());
  auto first = server.begin(request);
  auto second = server.begin(request);
  first->write(kBody);
  second->write(kBody);
  CHECK(first->finish().status() == 200);
  CHECK(second->finish().status() == 200);
  second.reset();
  CHECK(server.service().usage().at("r").types[0].objects == 1);
  CHECK(server.service().usage().at("r").bytes() == kBody.size());
}

TEST_CASE("without verification any content is stored, but still none overwritten") {
  ResticOptions options;
  options.verifyUploads = false;
  Harness server = Harness::withoutLogin(options);
  CHECK(server.post("/r/data/" + kBad, kBody).status == 200);
  CHECK(server.post("/r/data/" + kBad, kBody).status == 403);
  auto request = server.request(http::Method::Post, "/r/data/" + kId, kBody.size());
  auto first = server.begin(request);
  auto second = server.begin(request);
  first->write("hello earth");
  second->write(kBody);
  CHECK(second->finish().status() == 200);
  CHECK_THROWS_AS(first->finish(), Forbidden);
  CHECK(server.get("/r/data/" + kId).body == kBody);
}

TEST_CASE("an upload over the cap is refused") {
  ResticOptions options;
  options.maxObjectBytes = 10;
  Harness server = Harness::withoutLogin(options);
  CHECK(server.post("/r/data/" + kId, kBody).status == 413);
}
