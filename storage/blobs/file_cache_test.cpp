// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/file_cache.h"

#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

using namespace coffer;
using namespace coffer::storage;
using coffer::tests::TempFolder;
namespace fs = std::filesystem;

namespace {

std::string contentOf(const OpenBlob& blob) {
  std::string bytes(blob.info.size, '\0');
  REQUIRE(::pread(blob.file.get(), bytes.data(), bytes.size(), 0) ==
          static_cast<ssize_t>(bytes.size()));
  return bytes;
}

constexpr std::uint64_t kBlock = 4096;

}  // namespace

TEST_CASE("a cached file is found again with its content and the time it was stored") {
  const TempFolder folder;
  FakeClock clock;
  FileCache cache(folder.path() + "/icons", 100 * kBlock, clock);
  CHECK_FALSE(cache.open("example.org"));
  cache.store("example.org", "first");
  clock.advance(kDay);
  cache.store("example.net", "");
  REQUIRE(cache.open("example.org"));
  CHECK(contentOf(*cache.open("example.org")) == "first");
  CHECK(cache.open("example.org")->info.modified == clock.now() - kDay);
  CHECK(cache.open("example.net")->info.size == 0);

  cache.store("example.org", "second");
  CHECK(contentOf(*cache.open("example.org")) == "second");
  CHECK(cache.open("example.org")->info.modified == clock.now());

  const FileCache again(folder.path() + "/icons", 100 * kBlock, clock);
  CHECK(contentOf(*again.open("example.org")) == "second");
}

TEST_CASE("a cache over its limit drops the oldest files down to nine tenths of it") {
  const TempFolder folder;
  FakeClock clock;
  const std::string name = folder.path() + "/icons";
  const auto fill = [&](FileCache& cache, int from, int to) {
    for (int i = from; i < to; ++i) {
      clock.advance(kSecond);
      cache.store("host" + std::to_string(i), std::string(100, 'x'));
    }
  };
  FileCache cache(name, 20 * kBlock, clock);
  fill(cache, 0, 20);
  CHECK(cache.open("host0"));
  fill(cache, 20, 21);
  CHECK_FALSE(cache.open("host0"));
  CHECK_FALSE(cache.open("host2"));
  CHECK(cache.open("host3"));
  CHECK(cache.open("host20"));
  CHECK(std::distance(fs::directory_iterator(name), {}) == 18);

  SUBCASE("files of a life before count") {
    FileCache next(name, 10 * kBlock, clock);
    fill(next, 21, 22);
    CHECK(std::distance(fs::directory_iterator(name), {}) == 9);
    CHECK(next.open("host21"));
    CHECK_FALSE(next.open("host12"));
  }
  SUBCASE("a replaced file counts once") {
    for (int i = 0; i < 50; ++i) fill(cache, 20, 21);
    CHECK(std::distance(fs::directory_iterator(name), {}) == 18);
  }
  SUBCASE("a file larger than the limit does not stay") {
    clock.advance(kSecond);
    cache.store("large", std::string(21 * kBlock, 'x'));
    CHECK_FALSE(cache.open("large"));
    CHECK(fs::is_empty(name));
  }
}

TEST_CASE("a cache takes nothing that is not a plain name, and follows no link") {
  const TempFolder folder;
  FakeClock clock;
  FileCache cache(folder.path() + "/icons", 100 * kBlock, clock);
  using namespace std::string_literals;
  for (const auto& name :
       {""s, "."s, ".."s, ".hidden"s, "a/b"s, "/etc/passwd"s, "a\0b"s, std::string(256, 'a')}) {
    CAPTURE(name);
    CHECK_THROWS_AS(cache.open(name), std::logic_error);
    CHECK_THROWS_AS(cache.store(name, "x"), std::logic_error);
  }
  fs::create_symlink("/etc/hostname", folder.path() + "/icons/link");
  fs::create_directory(folder.path() + "/icons/folder");
  CHECK_FALSE(cache.open("link"));
  CHECK_FALSE(cache.open("folder"));
  cache.store(std::string(255, 'a'), "x");
  CHECK(cache.open(std::string(255, 'a')));
}
