// SPDX-License-Identifier: BSD-2-Clause
//
// Which objects a listing names.
#include "services/restic/routes_harness.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;
namespace fs = std::filesystem;

namespace {

constexpr const char* kV1 = "application/vnd.x.restic.rest.v1";
constexpr const char* kV2 = "application/vnd.x.restic.rest.v2";

}  // namespace

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
