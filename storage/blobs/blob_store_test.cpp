// SPDX-License-Identifier: BSD-2-Clause
#include "storage/blobs/blob_store.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "storage/blobs/durable_file.h"
#include "storage/blobs/temp_sweep.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace coffer;
using namespace coffer::storage;
using coffer::tests::TempFolder;
namespace fs = std::filesystem;

namespace {

std::string contentOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t countFiles(const fs::path& root) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_directory()) ++count;
  }
  return count;
}

void store(BlobStore& blobs, const std::string& path, std::string_view bytes) {
  auto writer = blobs.create(path, bytes.size(), Hashing::None);
  writer->append(bytes);
  REQUIRE(writer->commit() == Commit::Created);
}

constexpr TempNames kBothWays[] = {TempNames::WhenNeeded, TempNames::Always};

// A two-megabyte file system with room for twelve files; only root can make one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& path)
      : path_(path),
        mounted_(::mount("none", path.c_str(), "tmpfs", 0, "size=2m,nr_inodes=12") == 0) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool isMounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_;
};

mode_t modeOf(const fs::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("an upload is invisible until it is committed, and then whole") {
  for (const TempNames temps : kBothWays) {
    TempFolder temp;
    BlobStore blobs({.root = temp.path() + "/new/root", .temps = temps});
    auto writer = blobs.create("a/data/ab/name", 11, Hashing::Sha256);
    writer->append("hello ");
    CHECK_FALSE(blobs.find("a/data/ab/name").has_value());
    writer->append("world");
    CHECK(writer->size() == 11);
    CHECK(toHex(writer->sha256()) ==
          "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
    CHECK_FALSE(blobs.find("a/data/ab/name").has_value());
    CHECK(writer->commit() == Commit::Created);
    writer.reset();
    CHECK(blobs.find("a/data/ab/name")->size == 11);
    CHECK(contentOf(blobs.absolute("a/data/ab/name")) == "hello world");
    CHECK(countFiles(temp.path()) == 1);
    CHECK(modeOf(blobs.absolute("a/data/ab/name")) == 0600);
    CHECK(modeOf(blobs.absolute("a/data")) == 0700);
  }
}

TEST_CASE("an upload that is given up leaves no file") {
  for (const TempNames temps : kBothWays) {
    TempFolder temp;
    BlobStore blobs({.root = temp.path(), .temps = temps});
    {
      auto writer = blobs.create("a/name", std::nullopt, Hashing::None);
      writer->append(std::string(100'000, 'x'));
    }
    CHECK(countFiles(temp.path()) == 0);
  }
}

TEST_CASE("of two writers of one name the first commit wins and the other changes nothing") {
  for (const TempNames temps : kBothWays) {
    TempFolder temp;
    BlobStore blobs({.root = temp.path(), .temps = temps});
    auto first = blobs.create("name", std::nullopt, Hashing::None);
    auto second = blobs.create("name", std::nullopt, Hashing::None);
    first->append("first");
    second->append("second");
    CHECK(second->commit() == Commit::Created);
    CHECK(first->commit() == Commit::AlreadyThere);
    first.reset();
    second.reset();
    CHECK(contentOf(blobs.absolute("name")) == "second");
    CHECK(countFiles(temp.path()) == 1);
  }
}

TEST_CASE("an aborted upload never removes what another one stored under the name") {
  for (const TempNames temps : kBothWays) {
    TempFolder temp;
    BlobStore blobs({.root = temp.path(), .temps = temps});
    auto aborted = blobs.create("data/name", std::nullopt, Hashing::None);
    aborted->append("half");
    CHECK_FALSE(blobs.remove("data/name").has_value());
    store(blobs, "data/name", "whole");
    aborted.reset();
    CHECK(contentOf(blobs.absolute("data/name")) == "whole");
  }
}

TEST_CASE("many threads may store into one new folder at once") {
  for (const TempNames temps : kBothWays) {
    TempFolder temp;
    BlobStore blobs({.root = temp.path(), .temps = temps});
    std::atomic<int> created{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 8; ++i) {
          const std::string name = i % 2 == 0 ? "same" : std::to_string(t);
          auto writer = blobs.create("deep/er/" + std::to_string(i) + "/" + name, 4, Hashing::None);
          writer->append("data");
          if (writer->commit() == Commit::Created) ++created;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(created == 4 + 16);
    CHECK(countFiles(temp.path()) == 20);
  }
}

TEST_CASE("links may stand for folders where the owner says so, and never for files") {
  TempFolder temp;
  TempFolder disk;
  fs::create_directory(disk.path() + "/r");
  std::ofstream(disk.path() + "/r/file") << "content";
  fs::create_directory_symlink(disk.path() + "/r", temp.path() + "/r");
  fs::create_symlink(disk.path() + "/r/file", temp.path() + "/file");
  fs::create_symlink(disk.path() + "/r/file", disk.path() + "/r/link");
  for (const auto resolver : {RootFolder::Resolver::Kernel, RootFolder::Resolver::Stepwise}) {
    const RootFolder closed(temp.path(), Links::Refused, resolver);
    CHECK_FALSE(closed.openFolder("r"));
    CHECK_FALSE(closed.open("r/file", O_RDONLY));
    const RootFolder root(temp.path(), Links::Folders, resolver);
    CHECK(root.openFolder("r"));
    CHECK(root.open("r/file", O_RDONLY));
    CHECK_FALSE(root.open("file", O_RDONLY));
    CHECK_FALSE(root.open("r/link", O_RDONLY));
    CHECK_FALSE(root.open("r/made", O_RDONLY | O_DIRECTORY));
    CHECK_FALSE(root.openFolder("r/../r"));
  }
  for (const TempNames temps : kBothWays) {
    BlobStore blobs({.root = temp.path(), .temps = temps, .links = Links::Folders});
    const std::string name = temps == TempNames::Always ? "r/a/named" : "r/a/unnamed";
    store(blobs, name, "bytes");
    CHECK(contentOf(disk.path() + "/" + name) == "bytes");
    CHECK(blobs.find(name)->size == 5);
    CHECK_FALSE(blobs.find("file"));
    CHECK_FALSE(blobs.open("r/link"));
    CHECK(blobs.remove(name));
    // A tree ends where a link leads out of it.
    fs::create_directory_symlink(disk.path() + "/r", temp.path() + "/tree");
    blobs.removeTree("tree");
    CHECK_FALSE(fs::exists(temp.path() + "/tree"));
    CHECK(contentOf(disk.path() + "/r/file") == "content");
  }
}

TEST_CASE("only regular files count as blobs, and no link leads anywhere") {
  TempFolder temp;
  TempFolder outside;
  std::ofstream(outside.path() + "/secret") << "secret";
  BlobStore blobs({.root = temp.path()});
  fs::create_directory(temp.path() + "/folder");
  fs::create_symlink(outside.path() + "/secret", temp.path() + "/link");
  fs::create_directory_symlink(outside.path(), temp.path() + "/way");
  REQUIRE(::mkfifo((temp.path() + "/pipe").c_str(), 0600) == 0);
  for (const char* name :
       {"folder", "link", "way/secret", "pipe", "absent", "absent/x", "link/x"}) {
    CAPTURE(name);
    CHECK_FALSE(blobs.find(name).has_value());
    CHECK_FALSE(blobs.open(name).has_value());
    CHECK_FALSE(blobs.remove(name).has_value());
  }
  CHECK_THROWS_AS(blobs.create("way/new", std::nullopt, Hashing::None), Fault);
  CHECK_THROWS_AS(blobs.create("../out", std::nullopt, Hashing::None), Fault);
  CHECK(contentOf(outside.path() + "/secret") == "secret");
  CHECK(countFiles(outside.path()) == 1);
  blobs.removeTree("way");
  CHECK(countFiles(outside.path()) == 1);
}

TEST_CASE("the kernel's resolver and ours refuse the same paths") {
  TempFolder temp;
  TempFolder outside;
  std::ofstream(outside.path() + "/secret") << "secret";
  fs::create_directories(temp.path() + "/a/b");
  std::ofstream(temp.path() + "/a/b/file") << "x";
  fs::create_symlink("b", temp.path() + "/a/inside");
  fs::create_directory_symlink(outside.path(), temp.path() + "/a/outside");
  for (const auto resolver : {RootFolder::Resolver::Kernel, RootFolder::Resolver::Stepwise}) {
    const RootFolder root(temp.path(), Links::Refused, resolver);
    CHECK(root.open("a/b/file", O_RDONLY));
    CHECK(root.openFolder("a/b"));
    CHECK(root.openFolder(""));
    for (const char* bad : {"a/inside", "a/inside/file", "a/outside/secret", "a/../a/b/file",
                            "/etc/passwd", "..", "a/b/file/x", "none"}) {
      CAPTURE(bad);
      CHECK_FALSE(root.open(bad, O_RDONLY));
    }
    CHECK(root.open("made", O_WRONLY | O_CREAT | O_EXCL, 0600));
    REQUIRE(::unlink((temp.path() + "/made").c_str()) == 0);
  }
}

TEST_CASE("a relative path has no empty, dot or NUL segment") {
  for (const char* good : {"", "a", "a/b", ".a", "a b/ü", "..a"}) CHECK(isRelativePath(good));
  for (const char* bad : {"/", "/a", "a/", "a//b", ".", "..", "a/..", "./a", "a/./b"}) {
    CAPTURE(bad);
    CHECK_FALSE(isRelativePath(bad));
  }
  CHECK_FALSE(isRelativePath(std::string_view("a\0b", 3)));
}

TEST_CASE("folders are made with all that is above them, and again without complaint") {
  TempFolder temp;
  BlobStore blobs({.root = temp.path(), .folderMode = 0770, .fileMode = 0660});
  const mode_t before = ::umask(0);
  const std::vector<std::string> folders = {"r/s/data/00", "r/s/data/01", "r/s/keys"};
  blobs.makeFolders(folders);
  blobs.makeFolders(folders);
  store(blobs, "r/s/keys/k", "k");
  ::umask(before);
  CHECK(blobs.folderExists("r/s/data/01"));
  CHECK(modeOf(temp.path() + "/r/s/data") == 0770);
  CHECK(modeOf(temp.path() + "/r/s/keys/k") == 0660);
  std::ofstream(temp.path() + "/file") << "x";
  CHECK_THROWS_AS(blobs.makeFolders(std::vector<std::string>{"file"}), Fault);
}

TEST_CASE("a folder that was removed behind the store's back is made again") {
  TempFolder temp;
  BlobStore blobs({.root = temp.path()});
  store(blobs, "r/data/ab/one", "1");
  fs::remove_all(temp.path() + "/r");
  store(blobs, "r/data/ab/two", "2");
  CHECK(contentOf(temp.path() + "/r/data/ab/two") == "2");
}

TEST_CASE("a tree is removed and a folder moved") {
  TempFolder temp;
  BlobStore blobs({.root = temp.path()});
  for (int i = 0; i < 30; ++i) store(blobs, "r/data/" + std::to_string(i), "x");
  CHECK(blobs.move("r/data", "trash/1/data"));
  CHECK_FALSE(blobs.move("r/data", "trash/2/data"));
  CHECK(blobs.find("trash/1/data/7").has_value());
  blobs.removeTree("trash");
  CHECK_FALSE(blobs.folderExists("trash"));
  CHECK(blobs.folderExists("r"));
  blobs.removeTree("absent");
}

TEST_CASE("a sweep removes what crashed uploads left and nothing else") {
  TempFolder temp;
  BlobStore blobs({.root = temp.path()});
  const std::string id(64, 'a');
  const std::string data = temp.path() + "/r/data/aa/";
  fs::create_directories(data);
  const auto touch = [&](const std::string& name) { std::ofstream(data + name) << "x"; };
  touch(id);
  touch(id + ".coffer-temp0123456789abcdef");
  touch(id + ".coffer-temp-notes");
  touch(id + ".rest-server-temp123");
  touch(id + ".rest-server-tempest");
  touch("my.rest-server-temp1");
  const std::string live = id + ".coffer-tempffffffffffffffff";
  touch(live);
  const UniqueFd writer(::open((data + live).c_str(), O_WRONLY));
  REQUIRE(::flock(writer.get(), LOCK_EX) == 0);

  const auto never = [] { return false; };
  const UnixMicros now = SystemClock().now();
  CHECK(sweepTemps(blobs, now, 4, [] { return true; }) == 0);
  CHECK(sweepTemps(blobs, now, 4, never) == 1);
  CHECK_FALSE(fs::exists(data + id + ".coffer-temp0123456789abcdef"));
  CHECK(fs::exists(data + id + ".rest-server-temp123"));
  CHECK(sweepTemps(blobs, now + 2 * kDay, 4, never) == 1);
  CHECK_FALSE(fs::exists(data + id + ".rest-server-temp123"));
  CHECK(fs::exists(data + live));
  CHECK(countFiles(temp.path()) == 5);
}

TEST_CASE("a full disk is InsufficientStorage wherever it shows, and nothing stays behind") {
  TempFolder temp;
  const SmallDisk disk(temp.path());
  if (!disk.isMounted()) {
    MESSAGE("SKIPPED: mounting a small tmpfs needs root; run scripts/test as root to cover this");
    return;
  }
  BlobStore blobs({.root = temp.path() + "/store"});
  SUBCASE("announced") {
    CHECK_THROWS_AS(blobs.create("a/name", 3 * MiB, Hashing::None), InsufficientStorage);
  }
  SUBCASE("while writing") {
    auto writer = blobs.create("a/name", std::nullopt, Hashing::None);
    const auto fill = [&] {
      for (int i = 0; i < 40; ++i) writer->append(std::string(64 * KiB, 'x'));
    };
    CHECK_THROWS_AS(fill(), InsufficientStorage);
  }
  SUBCASE("making folders") {
    const auto fill = [&] {
      for (int i = 0; i < 20; ++i) {
        blobs.makeFolders(std::vector<std::string>{"f" + std::to_string(i)});
      }
    };
    CHECK_THROWS_AS(fill(), InsufficientStorage);
  }
  CHECK(countFiles(temp.path()) == 0);
}

TEST_CASE("a small file is replaced whole, with the mode asked for") {
  TempFolder temp;
  const std::string path = temp.path() + "/file";
  CHECK_FALSE(readSmallFile(path, 10).has_value());
  replaceFileDurably(path, "one", 0600);
  CHECK(modeOf(path) == 0600);
  replaceFileDurably(path, "two", 0644);
  CHECK(readSmallFile(path, 10) == "two");
  CHECK(modeOf(path) == 0644);
  CHECK_THROWS_AS(readSmallFile(path, 2), Fault);
  CHECK(countFiles(temp.path()) == 1);
  makeDirectoriesDurably(temp.path() + "/a/b/c", 0750);
  makeDirectoriesDurably(temp.path() + "/a/b/c", 0750);
  CHECK(fs::is_directory(temp.path() + "/a/b/c"));
  CHECK_THROWS_AS(makeDirectoriesDurably(path, 0700), Fault);
  CHECK_THROWS_AS(replaceFileDurably(temp.path() + "/none/file", "x", 0600), Fault);
}
