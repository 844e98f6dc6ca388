// SPDX-License-Identifier: BSD-2-Clause
//
// Links and folders where a file should be: what is followed, and what never is.
#include "services/restic/repository_stats.h"
#include "services/restic/routes_harness.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;
namespace fs = std::filesystem;

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
