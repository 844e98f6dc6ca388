// SPDX-License-Identifier: BSD-2-Clause
#include "storage/database/database.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "storage/database/connection.h"
#include "tests/support/temp_folder.h"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <latch>
#include <signal.h>
#include <string>
#include <thread>
#include <vector>

using namespace coffer;
using namespace coffer::storage;
using coffer::tests::TempFolder;

namespace {

constexpr Sql kAdd{"test.add", "INSERT INTO invitations (email, created_at) VALUES ($1, $2)"};
constexpr Sql kHas{"test.has", "SELECT 1 FROM invitations WHERE email = $1"};
constexpr Sql kCount{"test.count", "SELECT count(*) FROM invitations"};
constexpr Sql kRemove{"test.remove", "DELETE FROM invitations WHERE email = $1"};

std::filesystem::path fileIn(const TempFolder& folder) {
  return std::filesystem::path(folder.path()) / "vault" / "db.sqlite3";
}

void add(Database& database, const std::string& key) {
  database.write([&](Transaction& tx) { tx.connection().run(kAdd, key, 1); });
}

bool has(Transaction& tx, const std::string& key) {
  return tx.connection().query(kHas, key).next();
}

bool has(Database& database, const std::string& key) {
  return database.read([&](Transaction& tx) { return has(tx, key); });
}

std::int64_t count(Transaction& tx) {
  auto rows = tx.connection().query(kCount);
  return rows.next() ? rows.integer(0) : -1;
}

unsigned modeOf(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777u : 0;
}

}  // namespace

TEST_CASE("a new database is readable by its owner alone") {
  const TempFolder folder;
  Database database(fileIn(folder));
  add(database, "a");
  CHECK(modeOf(fileIn(folder)) == 0600);
  CHECK(modeOf(fileIn(folder).parent_path()) == 0700);
  CHECK(modeOf(fileIn(folder).string() + "-wal") == 0600);
}

TEST_CASE("write returns what the work returned, read sees it") {
  const TempFolder folder;
  Database database(fileIn(folder));
  const auto changed =
      database.write([](Transaction& tx) { return tx.connection().run(kAdd, "a", 1); });
  CHECK(changed == 1);
  CHECK(has(database, "a"));
  CHECK_FALSE(has(database, "b"));
}

TEST_CASE("what was written is there after the database is opened again") {
  const TempFolder folder;
  {
    Database database(fileIn(folder));
    add(database, "a");
  }
  CHECK_FALSE(std::filesystem::exists(fileIn(folder).string() + "-wal"));
  Database database(fileIn(folder));
  CHECK(has(database, "a"));
}

TEST_CASE("what was acknowledged survives without a clean close") {
  const TempFolder folder;
  const TempFolder crashed;
  const auto copy = std::filesystem::path(crashed.path()) / "db.sqlite3";
  Database database(fileIn(folder));
  for (int i = 0; i < 50; ++i) add(database, std::to_string(i));
  // The files as a power cut would leave them: the WAL full, the index over it lost.
  std::filesystem::copy_file(fileIn(folder), copy);
  std::filesystem::copy_file(fileIn(folder).string() + "-wal", copy.string() + "-wal");

  Database reopened(copy);
  CHECK(reopened.read([](Transaction& tx) { return count(tx); }) == 50);
}

TEST_CASE("writes that wait at the same time share a commit") {
  const TempFolder folder;
  Database database(fileIn(folder));
  constexpr int kThreads = 8;
  constexpr int kWrites = 25;
  const auto before = database.counters();
  std::latch ready(kThreads);
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ready.arrive_and_wait();
      for (int i = 0; i < kWrites; ++i) add(database, std::to_string(t) + "/" + std::to_string(i));
    });
  }
  threads.clear();

  const auto after = database.counters();
  CHECK(after.writes - before.writes == kThreads * kWrites);
  CHECK((after.commits - before.commits) * 2 < kThreads * kWrites);
  CHECK(database.read([](Transaction& tx) { return count(tx); }) == kThreads * kWrites);
}

TEST_CASE("work that throws undoes its own changes and nobody else's") {
  const TempFolder folder;
  Database database(fileIn(folder));
  constexpr int kThreads = 8;
  std::latch ready(kThreads);
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ready.arrive_and_wait();
        for (int i = 0; i < 10; ++i) {
          try {
            database.write([&](Transaction& tx) {
              tx.connection().run(kAdd, std::to_string(t * 100 + i), 1);
              if (i % 2 == 1) throw BadRequest("no", std::to_string(t));
            });
          } catch (const BadRequest& fault) {
            if (fault.detail() == std::to_string(t)) ++refused;  // Its own exception.
          }
        }
      });
    }
  }
  CHECK(refused.load() == kThreads * 5);
  CHECK(database.counters().failedWrites == kThreads * 5);
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < 10; ++i) CHECK(has(database, std::to_string(t * 100 + i)) == (i % 2 == 0));
  }
}

TEST_CASE("a key that is taken is a Conflict and leaves the writer working") {
  const TempFolder folder;
  Database database(fileIn(folder));
  add(database, "a");
  CHECK_THROWS_AS(add(database, "a"), Conflict);
  add(database, "b");
  CHECK(has(database, "b"));
}

TEST_CASE("work may go on after a statement of its own failed") {
  const TempFolder folder;
  Database database(fileIn(folder));
  add(database, "a");
  database.write([](Transaction& tx) {
    tx.connection().run(kAdd, "b", 1);
    CHECK_THROWS_AS(tx.connection().run(kAdd, "a", 1), Conflict);
    tx.connection().run(kAdd, "c", 1);
  });
  CHECK(has(database, "b"));
  CHECK(has(database, "c"));
}

TEST_CASE("a reader keeps its snapshot while others write") {
  const TempFolder folder;
  Database database(fileIn(folder));
  add(database, "a");
  database.read([&](Transaction& tx) {
    CHECK(count(tx) == 1);
    std::jthread([&] { add(database, "b"); }).join();
    CHECK(count(tx) == 1);
    CHECK_FALSE(has(tx, "b"));
  });
  CHECK(has(database, "b"));
}

TEST_CASE("a reader cannot write") {
  const TempFolder folder;
  Database database(fileIn(folder));
  CHECK_THROWS_AS(database.read([](Transaction& tx) { tx.connection().run(kAdd, "a", 1); }), Fault);
  CHECK_FALSE(has(database, "a"));
  CHECK(database.isWritable());
}

TEST_CASE("a reader that throws gives its connection back") {
  const TempFolder folder;
  Database database(fileIn(folder), {.maxReaders = 1});
  for (int i = 0; i < 3; ++i) {
    CHECK_THROWS_AS(database.read([](Transaction&) { throw NotFound("no"); }), NotFound);
  }
  CHECK_FALSE(has(database, "a"));
  CHECK(database.counters().readers == 1);
}

TEST_CASE("when every reader is busy the next one is refused in time") {
  const TempFolder folder;
  Database database(fileIn(folder), {.maxReaders = 1, .readerWait = std::chrono::milliseconds(5)});
  database.read([&](Transaction&) {
    std::jthread([&] { CHECK_THROWS_AS(has(database, "a"), Unavailable); }).join();
  });
  CHECK_FALSE(has(database, "a"));
}

TEST_CASE("a write inside a write is refused instead of waiting for itself") {
  const TempFolder folder;
  Database database(fileIn(folder));
  database.write([&](Transaction&) { CHECK_THROWS_AS(add(database, "a"), Fault); });
  add(database, "b");
  CHECK(has(database, "b"));
}

TEST_CASE("a full disk is InsufficientStorage, loses nothing and passes") {
  const TempFolder folder;
  Database database(fileIn(folder), {.maxPages = 400});
  std::vector<std::string> stored;
  const std::string filling(8 * 1024, 'x');
  bool full = false;
  for (int i = 0; i < 400 && !full; ++i) {
    const std::string key = std::to_string(i) + filling;
    try {
      add(database, key);
      stored.push_back(key);
    } catch (const InsufficientStorage&) {
      full = true;
    }
  }
  REQUIRE(full);
  REQUIRE(stored.size() > 10);
  CHECK(database.isWritable());
  for (const auto& key : stored) CHECK(has(database, key));

  database.write([&](Transaction& tx) { tx.connection().run(kRemove, stored.back()); });
  add(database, "small");
  CHECK(has(database, "small"));
}

TEST_CASE("when one piece of work fills the disk everybody beside it is told the truth") {
  const TempFolder folder;
  Database database(fileIn(folder), {.maxPages = 400});
  constexpr int kThreads = 6;
  std::latch ready(kThreads);
  std::atomic<int> wrong = 0;
  std::atomic<bool> largeRefused = false;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ready.arrive_and_wait();
        const bool large = t == 0;
        const std::string key = std::to_string(t) + std::string(large ? 4'000'000 : 10, 'x');
        bool acknowledged = true;
        try {
          add(database, key);
        } catch (const InsufficientStorage&) {
          acknowledged = false;
          if (large) largeRefused = true;
        }
        if (has(database, key) != acknowledged) ++wrong;
      });
    }
  }
  CHECK(largeRefused.load());
  CHECK(wrong.load() == 0);
  add(database, "afterwards");
  CHECK(has(database, "afterwards"));
}

TEST_CASE("after an I/O error nothing more is acknowledged until the database is opened again") {
  const TempFolder folder;
  {
    Database database(fileIn(folder));
    add(database, "before");
    // Files may not grow beyond 1 MiB; a write past that fails as it would on a broken card.
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const auto oldHandler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = MiB, .rlim_max = old.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_THROWS_AS(add(database, std::string(3 * MiB, 'x')), Fault);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &old) == 0);
    ::signal(SIGXFSZ, oldHandler);

    CHECK_FALSE(database.isWritable());
    CHECK_FALSE(database.probeWritable());
    CHECK_THROWS_AS(add(database, "after"), Unavailable);
    CHECK(has(database, "before"));
  }
  Database database(fileIn(folder));
  CHECK(database.isWritable());
  CHECK(has(database, "before"));
  add(database, "after");
}

TEST_CASE("the WAL is folded into the file as it grows") {
  const TempFolder folder;
  Database database(fileIn(folder), {.checkpointBytes = 64 * KiB});
  for (int i = 0; i < 100; ++i) add(database, std::to_string(i) + std::string(24 * 1024, 'x'));
  const auto counters = database.counters();
  CHECK(counters.checkpoints > 5);
  CHECK(counters.walBytes < MiB);
  CHECK(counters.fileBytes > 2 * MiB);
}

TEST_CASE("a checkpoint empties the WAL") {
  const TempFolder folder;
  Database database(fileIn(folder));
  add(database, "a");
  CHECK(database.counters().walBytes > 0);
  database.checkpoint();
  CHECK(database.counters().walBytes == 0);
  CHECK(has(database, "a"));
}

TEST_CASE("a database with nothing to do empties its WAL and closes readers") {
  const TempFolder folder;
  Database database(fileIn(folder), {.maxReaders = 3, .idleAfter = std::chrono::milliseconds(20)});
  add(database, "a");
  database.read([&](Transaction& tx) {
    CHECK(has(tx, "a"));
    std::jthread([&] { CHECK(has(database, "a")); }).join();
  });
  add(database, "b");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  auto counters = database.counters();
  while ((counters.walBytes > 0 || counters.readers > 1) &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    counters = database.counters();
  }
  CHECK(counters.walBytes == 0);
  CHECK(counters.readers == 1);
  CHECK(has(database, "b"));
}

TEST_CASE("while another process has the database open nobody checkpoints, and both may write") {
  const TempFolder folder;
  Database server(fileIn(folder));
  {
    Database visitor(fileIn(folder));
    add(server, "by server");
    add(visitor, "by visitor");
    server.checkpoint();
    visitor.checkpoint();
    CHECK(server.counters().walBytes > 0);
    CHECK(has(server, "by visitor"));
    CHECK(has(visitor, "by server"));
  }
  CHECK(server.counters().walBytes > 0);
  server.checkpoint();
  CHECK(server.counters().walBytes == 0);
  CHECK(has(server, "by visitor"));
}

TEST_CASE("the probe asks the writer") {
  const TempFolder folder;
  Database database(fileIn(folder));
  CHECK(database.probeWritable());

  SUBCASE("and gives up when it does not answer") {
    std::latch started(1);
    std::latch finish(1);
    std::jthread slow([&] {
      database.write([&](Transaction&) {
        started.count_down();
        finish.wait();
      });
    });
    started.wait();
    CHECK_FALSE(database.probeWritable(std::chrono::milliseconds(1)));
    finish.count_down();
    slow.join();
    CHECK(database.probeWritable());
  }
  SUBCASE("and says no once it is closed") {
    database.close();
    CHECK_FALSE(database.probeWritable());
  }
}

TEST_CASE("a closed database refuses work, and closing twice is harmless") {
  const TempFolder folder;
  Database database(fileIn(folder));
  add(database, "a");
  database.close();
  database.close();
  CHECK_THROWS_AS(add(database, "b"), Unavailable);
  CHECK_THROWS_AS(has(database, "a"), Unavailable);
}

TEST_CASE("a backup is a whole database of its own") {
  const TempFolder folder;
  const auto target = std::filesystem::path(folder.path()) / "copy.sqlite3";
  Database database(fileIn(folder));
  add(database, "a");
  database.backupTo(target);
  add(database, "b");
  CHECK(modeOf(target) == 0600);
  CHECK_THROWS_AS(database.backupTo(target), Conflict);

  Database copy(target);
  CHECK(has(copy, "a"));
  CHECK_FALSE(has(copy, "b"));
}

TEST_CASE("text and blobs of every shape come back as they were bound") {
  constexpr Sql kEcho{"test.echo", "SELECT $2, $1, $3, $4, $5"};
  const TempFolder folder;
  Database database(fileIn(folder));
  database.read([&](Transaction& tx) {
    const std::string zeros("\0a\0", 3);
    auto rows = tx.connection().query(kEcho, std::string_view(), zeros, Blob{zeros}, std::nullopt,
                                      std::optional<std::int64_t>(-5));
    REQUIRE(rows.next());
    CHECK(rows.text(0) == zeros);
    CHECK_FALSE(rows.isNull(1));
    CHECK(rows.text(1).empty());
    CHECK(rows.blob(2) == zeros);
    CHECK(rows.isNull(3));
    CHECK(rows.optionalString(3) == std::nullopt);
    CHECK(rows.optionalInteger(4) == -5);
    CHECK_FALSE(rows.next());
  });
}

TEST_CASE("a query with the wrong number of arguments is refused") {
  const TempFolder folder;
  Database database(fileIn(folder));
  CHECK_THROWS_AS(database.write([](Transaction& tx) { tx.connection().run(kAdd, "a"); }), Fault);
}
