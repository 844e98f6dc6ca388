// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/object_path.h"

#include <doctest/doctest.h>

using namespace coffer::restic;

namespace {

const std::string kId(64, 'a');

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

TEST_CASE("a path means a repository, its config, a list or an object, or nothing") {
  struct Row {
    std::string path;
    std::string repository;
    Target target;
  };
  const Row rows[] = {
      {"/", "", Target::Repository},
      {"/config", "", Target::Config},
      {"/foo/", "foo", Target::Repository},
      {"/foo", "", Target::Unknown},
      {"/foo/bar/", "foo/bar", Target::Repository},
      {"/foo/bar", "foo", Target::Unknown},
      {"/foo/bar/config", "foo/bar", Target::Config},
      {"/foo/bar/baz/", "foo/bar", Target::Unknown},
      {"/foo/bar/baz/data/", "foo/bar", Target::Unknown},
      {"/foo/data/", "foo", Target::List},
      {"/foo/data", "foo", Target::Unknown},
      {"/data/keys/", "", Target::Unknown},
      {"/foo/data/bar/", "foo", Target::Unknown},
      {"/locks/", "", Target::List},
      {"/foo/config/", "foo", Target::Unknown},
      {"/foo/data/" + kId, "foo", Target::Object},
      {"/data/" + kId, "", Target::Object},
      {"/a/b/keys/" + kId, "a/b", Target::Object},
      {"/foo/data/" + kId + "/", "foo", Target::Unknown},
      {"/foo/data/" + kId.substr(1), "foo", Target::Unknown},
      {"/foo/data/" + kId + "a", "foo", Target::Unknown},
      {"/foo/data/" + std::string(64, 'A'), "foo", Target::Unknown},
      {"/foo/data/" + std::string(64, 'g'), "foo", Target::Unknown},
      {"/foo/data/foobar", "foo", Target::Unknown},
      {"/Data/", "Data", Target::Repository},
      {"/foo/Data/" + kId, "foo/Data", Target::Unknown},
      {"/tmp/", "tmp", Target::Repository},
      {"/metrics/", "metrics", Target::Repository},
      {"/a b+c/ü/", "a b+c/ü", Target::Repository},
      {"/.hidden/config", ".hidden", Target::Config},
      {"/.coffer/", ".coffer", Target::Unknown},
      {"/.coffer/config", ".coffer", Target::Unknown},
      {"/.htpasswd/", ".htpasswd", Target::Unknown},
      {"/a/.coffer/config", "a/.coffer", Target::Config},
      {"//", "", Target::Unknown},
      {"/" + std::string(256, 'n') + "/", std::string(256, 'n'), Target::Unknown},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const ObjectPath path = parseObjectPath(split(row.path));
    CHECK(path.target == row.target);
    CHECK(path.repository() == row.repository);
  }
  CHECK(parseObjectPath({}).target == Target::Unknown);
}

TEST_CASE("objects lie where restic's local backend puts them") {
  CHECK(objectFile("a/b", ObjectType::Data, kId) == "a/b/data/aa/" + kId);
  CHECK(objectFile("", ObjectType::Keys, kId) == "keys/" + kId);
  CHECK(configFile("") == "config");
  CHECK(configFile("r") == "r/config");
  CHECK(dataPrefix(0) == "00");
  CHECK(dataPrefix(255) == "ff");
}
