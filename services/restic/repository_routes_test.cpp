// SPDX-License-Identifier: BSD-2-Clause
//
// A repository as a whole: its folders, their modes, its end.
#include "services/restic/routes_harness.h"

#include <doctest/doctest.h>

#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;
namespace fs = std::filesystem;

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
