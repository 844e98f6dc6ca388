// SPDX-License-Identifier: BSD-2-Clause
//
// The protocol's tables, asked of the service without sockets. tests/http asks them over a socket.
#include "services/restic/repository_stats.h"
#include "services/restic/service_harness.h"

#include <doctest/doctest.h>

#include <sys/mount.h>
#include <sys/stat.h>

#include <unistd.h>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;
namespace fs = std::filesystem;

namespace {

const std::string kBody = "hello world";
const std::string kId = idOf(kBody);
const std::string kBad(64, 'b');
constexpr const char* kV1 = "application/vnd.x.restic.rest.v1";
constexpr const char* kV2 = "application/vnd.x.restic.rest.v2";

Harness serverWithRepository(bool appendOnly) {
  ResticOptions options;
  options.appendOnly = appendOnly;
  Harness server = Harness::withoutLogin(options);
  REQUIRE(server.post("/r/?create=true").status == 200);
  return server;
}

http::Method methodOf(const std::string& name) { return *http::parseMethod(name); }

mode_t modeOf(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

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

TEST_CASE("a repository has all its folders, also when its URL is posted without a body length") {
  Harness server = Harness::withoutLogin();
  CHECK(server.ask({.method = http::Method::Post, .target = "/new/?create=true", .chunked = true})
            .status == 200);
  for (const char* folder :
       {"data/00", "data/7f", "data/ff", "index", "keys", "locks", "snapshots"}) {
    CHECK(fs::is_directory(server.path(std::string("new/") + folder)));
    CHECK(modeOf(server.path(std::string("new/") + folder)) == 0700);
  }
}

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

TEST_CASE("listings hold exactly the objects, in both versions") {
  Harness server = serverWithRepository(false);
  CHECK(server.get("/r/data/").body == "[]");
  CHECK(server.get("/r/data/").header("Content-Type") == kV1);
  CHECK(server.get("/r/data/", kV2).body == "[]");
  server.store("/r/data/", kBody);
  CHECK(server.get("/r/data/").body == "[\"" + kId + "\"]");
  const Answer v2 = server.get("/r/data/", kV2);
  CHECK(v2.body == "[{\"name\":\"" + kId + "\",\"size\":11}]");
  CHECK(v2.header("Content-Type") == kV2);
  for (const char* accept :
       {"application/json", "application/vnd.x.restic.rest.V2",
        "application/vnd.x.restic.rest.v2;q=1", "application/vnd.x.restic.rest.v2, */*"}) {
    CHECK(server.get("/r/data/", accept).header("Content-Type") == kV1);
  }
  // Nothing that is not an object in its place.
  std::ofstream(server.path("r/data/temp")) << "x";
  std::ofstream(server.path("r/data/00/" + std::string(64, 'f'))) << "x";
  std::ofstream(server.path("r/data/ff/" + kBad + ".rest-server-temp1")) << "x";
  fs::create_directories(server.path("r/data/bb/" + kBad));
  fs::create_symlink("/etc/passwd", server.path("r/data/ff/" + std::string(64, 'f')));
  CHECK(server.get("/r/data/").body == "[\"" + kId + "\"]");
  CHECK(server.get("/r/data/", kV2).body == v2.body);
  fs::remove_all(server.path("r/index"));
  CHECK(server.get("/r/index/").body == "[]");
}

TEST_CASE("a long listing is made in pieces and is whole") {
  Harness server = serverWithRepository(false);
  std::vector<std::string> expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string id = idOf(std::to_string(i));
    std::ofstream(server.path("r/data/" + id.substr(0, 2) + "/" + id)) << i;
    expected.push_back(id);
  }
  const std::string body = server.get("/r/data/").body;
  CHECK(body.size() == 3000 * 67 + 1);
  std::vector<std::string> listed;
  for (std::size_t at = 2; at < body.size(); at += 67) listed.push_back(body.substr(at, 64));
  std::sort(expected.begin(), expected.end());
  std::sort(listed.begin(), listed.end());
  CHECK(listed == expected);
}

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

TEST_CASE("a folder or link under an object's name is not found, an unreadable file is our fault") {
  Harness server = serverWithRepository(false);
  fs::create_directories(server.path("r/keys/" + kBad));
  CHECK(server.get("/r/keys/" + kBad).status == 404);
  CHECK(server.ask({.method = http::Method::Head, .target = "/r/keys/" + kBad}).status == 404);
  CHECK(server.remove("/r/keys/" + kBad).status == 200);
  CHECK(fs::is_directory(server.path("r/keys/" + kBad)));
  fs::create_symlink("/etc/passwd", server.path("r/index/" + kBad));
  CHECK(server.get("/r/index/" + kBad).status == 404);
  fs::create_directory_symlink("/etc", server.path("outside"));
  CHECK(server.get("/outside/config").status == 404);
  CHECK(server.post("/outside/?create=true").status == 500);
  if (::geteuid() == 0) {
    MESSAGE("SKIPPED for root: a file of mode 000 is readable");
    return;
  }
  const std::string target = server.store("/r/keys/", kBody);
  fs::permissions(server.path(target.substr(1)), fs::perms::none);
  CHECK(server.get(target).status == 500);
}

TEST_CASE("a repository on another disk is reached through a link where the owner allows it") {
  const coffer::tests::TempFolder disk;
  for (const bool follows : {false, true}) {
    CAPTURE(follows);
    ResticOptions options;
    options.followLinks = follows;
    Harness server = Harness::withoutLogin(options);
    fs::remove_all(disk.path() + "/r");
    fs::create_directory(disk.path() + "/r");
    fs::create_directory_symlink(disk.path() + "/r", server.path("r"));
    if (!follows) {
      CHECK(server.post("/r/?create=true").status == 500);
      CHECK(server.get("/r/data/").status == 404);
      CHECK(fs::is_empty(disk.path() + "/r"));
      continue;
    }
    REQUIRE(server.post("/r/?create=true").status == 200);
    REQUIRE(server.post("/r/config", "cfg").status == 200);
    const std::string target = server.store("/r/data/", kBody);
    CHECK(fs::exists(disk.path() + "/r/data/" + idOf(kBody).substr(0, 2) + "/" + idOf(kBody)));
    CHECK(server.get(target).body == kBody);
    CHECK(server.get("/r/data/").body == "[\"" + idOf(kBody) + "\"]");

    // A file at the end of a path is never followed, however it is asked for.
    fs::create_symlink("/etc/passwd", server.path("r/index/" + kBad));
    CHECK(server.get("/r/index/" + kBad).status == 404);
    CHECK(server.get("/r/index/").body == "[]");
    CHECK(server.remove("/r/index/" + kBad).status == 200);
    CHECK(fs::is_symlink(server.path("r/index/" + kBad)));
    CHECK(server.get("/r/../etc/passwd").status == 404);

    // It is counted and swept as if it lay here.
    const storage::BlobStore blobs({.root = server.path(), .links = storage::Links::Folders});
    CHECK(findRepositories(blobs) == std::vector<std::string>{"r"});
    std::ofstream(disk.path() + "/r/locks/" + kBad + ".coffer-temp0123456789abcdef") << "cut";
    CHECK(server.service().sweep() == 1);
    CHECK(server.remove(target).status == 200);
    CHECK(fs::is_symlink(server.path("r")));
  }
}

TEST_CASE("a repository that cannot be moved away stays what it was") {
  ResticOptions options;
  options.deleteRepositories = true;
  Harness server = Harness::withoutLogin(options);
  REQUIRE(server.post("/r/?create=true").status == 200);
  REQUIRE(server.post("/r/config", "cfg").status == 200);
  const std::string data = server.path("r/data");
  if (::mount("none", data.c_str(), "tmpfs", 0, "size=1m") != 0) {
    MESSAGE("SKIPPED: only root can mount");
    return;
  }
  CHECK(server.remove("/r/").status == 500);
  CHECK(server.get("/r/config").body == "cfg");
  REQUIRE(::umount2(data.c_str(), MNT_DETACH) == 0);
  CHECK(server.remove("/r/").status == 200);
  CHECK(server.get("/r/config").status == 404);
}

TEST_CASE("an upload over the cap is refused") {
  ResticOptions options;
  options.maxObjectBytes = 10;
  Harness server = Harness::withoutLogin(options);
  CHECK(server.post("/r/data/" + kId, kBody).status == 413);
}

TEST_CASE("a whole repository is deleted only where that is allowed, and others in it stay") {
  ResticOptions options;
  options.deleteRepositories = true;
  Harness server = Harness::withoutLogin(options);
  CHECK(server.remove("/r/").status == 404);
  CHECK(server.get("/r/").header("Allow") == "POST, DELETE");
  server.store("/r/data/", kBody);
  CHECK(server.post("/r/config", "cfg").status == 200);
  server.store("/r/inner/data/", "other");
  CHECK(server.remove("/r/").status == 200);
  CHECK(server.get("/r/config").status == 404);
  CHECK(server.get("/r/data/" + kId).status == 404);
  CHECK(server.get("/r/inner/data/" + idOf("other")).body == "other");
  CHECK_FALSE(server.service().usage().contains("r"));
  options.appendOnly = true;
  Harness appendOnly = Harness::withoutLogin(options);
  appendOnly.store("/r/data/", kBody);
  CHECK(appendOnly.remove("/r/").status == 403);
  CHECK(appendOnly.get("/r/data/" + kId).body == kBody);
}

TEST_CASE("folders and files for a group have the group's modes") {
  ResticOptions options;
  options.groupAccessible = true;
  const mode_t before = ::umask(0);
  Harness server = Harness::withoutLogin(options);
  server.store("/r/keys/", kBody);
  ::umask(before);
  CHECK(modeOf(server.path("r/keys")) == 0770);
  CHECK(modeOf(server.path("r/keys/" + kId)) == 0660);
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
