// SPDX-License-Identifier: BSD-2-Clause
//
// The protocol's quota and metrics tables, and what is kept across restarts.
#include "appliance/base/bytes.h"
#include "services/restic/service_harness.h"
#include "services/restic/state_folder.h"
#include "services/restic/upkeep.h"
#include "services/restic/usage_file.h"

#include <doctest/doctest.h>
#include <prometheus/metric_family.h>

#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>

using namespace coffer;
using namespace coffer::restic;
using namespace coffer::restic::tests;
namespace fs = std::filesystem;

namespace {

ResticOptions limitedTo(std::uint64_t bytes) {
  ResticOptions options;
  options.quota.total = bytes;
  return options;
}

std::uint64_t usedBy(Harness& server) { return server.service().quotas().front().used; }

// The value of a series, labels in any order; -1 when there is none.
double valueOf(Harness& server, const std::string& name,
               const std::map<std::string, std::string>& labels) {
  for (const auto& family : server.service().metrics()->Collect()) {
    if (family.name != name) continue;
    for (const auto& metric : family.metric) {
      std::map<std::string, std::string> found;
      for (const auto& label : metric.label) found[label.name] = label.value;
      if (found != labels) continue;
      return family.type == prometheus::MetricType::Counter ? metric.counter.value
                                                            : metric.gauge.value;
    }
  }
  return -1;
}

const std::map<std::string, std::string> kData = {{"repo", "r"}, {"type", "data"}, {"user", ""}};

}  // namespace

TEST_CASE("a quota refuses what does not fit and counts what does") {
  Harness server = Harness::withoutLogin(limitedTo(2'000'000));
  const std::string small(300'000, 's');
  const std::string large(3'000'000, 'l');
  const std::string target = server.store("/r/data/", small);
  CHECK(usedBy(server) == 300'000);
  CHECK(server.post("/r/data/" + idOf(large), large).status == 507);
  CHECK(usedBy(server) == 300'000);
  const Answer chunked = server.ask({.method = http::Method::Post,
                                     .target = "/r/data/" + idOf(large),
                                     .body = large,
                                     .chunked = true});
  CHECK(chunked.status == 507);
  CHECK(chunked.body == "Insufficient Storage\n");
  CHECK(usedBy(server) == 300'000);
  CHECK(server.post("/r/data/" + idOf("x"), "y").status == 400);
  CHECK(usedBy(server) == 300'000);
  CHECK(server.post("/r/data/" + idOf(small), small).status == 200);
  CHECK(usedBy(server) == 300'000);
  CHECK(server.post("/r/config", "cfg").status == 200);
  CHECK(usedBy(server) == 300'000);
  CHECK(server.remove(target).status == 200);
  CHECK(server.remove(target).status == 200);
  CHECK(usedBy(server) == 0);
  CHECK(strayFiles(server.path()).empty());
}

TEST_CASE("a full server still takes configs and locks") {
  Harness server = Harness::withoutLogin(limitedTo(100));
  server.store("/r/data/", std::string(100, 'd'));
  CHECK(server.post("/r/data/" + idOf("x"), "x").status == 507);
  CHECK(server.post("/r/config", "cfg").status == 200);
  const std::string lock = server.store("/r/locks/", "lock");
  CHECK(server.remove(lock).status == 200);
}

// Nothing can be written any more: a full disk that even root, and any file system, obeys.
class NoWrites {
 public:
  NoWrites() : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit_) == 0);
    const rlimit none{0, limit_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
  }
  ~NoWrites() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }
  NoWrites(const NoWrites&) = delete;
  NoWrites& operator=(const NoWrites&) = delete;

 private:
  rlimit limit_{};
  void (*before_)(int);
};

TEST_CASE("a disk that cannot be written does not keep the service from starting") {
  Harness server = Harness::withoutLogin();
  server.service().start();
  REQUIRE(server.post("/r/?create=true").status == 200);
  const std::string target = server.store("/r/data/", "pack");
  server.service().stop();
  const std::string file = server.path(std::string(kUsageFile));
  REQUIRE(fs::exists(file));

  ResticOptions options;
  options.authentication.noAuth = true;
  options.path = server.path();
  {
    const NoWrites noWrites;
    ResticService again(options, server.clock());
    again.start();
    // Numbers that a crash would make wrong are not left behind as exact ones.
    CHECK_FALSE(fs::exists(file));
    again.stop();
  }
  CHECK(server.get(target).body == "pack");

  fs::remove_all(server.path(std::string(kStateFolder)));
  std::ofstream(server.path(std::string(kStateFolder))) << "in the way";
  ResticService third(options, server.clock());
  third.start();
  third.stop();
}

TEST_CASE("a limit near the largest number is no small one") {
  UsageLedger ledger({.total = UINT64_MAX});
  (void)ledger.reserve("r", "alice", ObjectType::Locks, 10);
  CHECK_NOTHROW((void)ledger.reserve("r", "alice", ObjectType::Locks, 1000));
}

TEST_CASE("usage survives an ordered restart without a count, and a crash with one") {
  coffer::tests::TempFolder temp;
  FakeClock clock(SystemClock().now());
  ResticOptions options;
  options.path = temp.path();
  const auto serve = [&](const std::function<void(Upkeep&, UsageLedger&)>& use) {
    storage::BlobStore blobs({.root = temp.path()});
    UsageLedger ledger(options.quota);
    Upkeep upkeep(options, clock, blobs, ledger);
    use(upkeep, ledger);
  };
  const std::string file = temp.path() + "/" + std::string(kUsageFile);
  const std::string object = temp.path() + "/r/" + objectFile("", ObjectType::Data, idOf("pack"));
  fs::create_directories(fs::path(object).parent_path());
  std::ofstream(object) << "pack";

  options.quota.total = 1000;  // Nothing is known yet, so the count comes before the first request.
  serve([&](Upkeep& upkeep, UsageLedger& ledger) {
    upkeep.start();
    CHECK(ledger.totalBytes() == 4);
    CHECK_FALSE(loadUsage(file)->isClosed);
    ledger.reserve("r", "bob", ObjectType::Data, 6).settle(clock.now());
    upkeep.stop();
    CHECK(loadUsage(file)->isClosed);
  });
  serve([&](Upkeep& upkeep, UsageLedger& ledger) {
    upkeep.start();
    CHECK(ledger.totalBytes() == 10);  // As it was, not as a count would find it.
    CHECK(ledger.repositories().at("r").owner == "bob");
    upkeep.stop();
  });
  auto open = *loadUsage(file);
  open.isClosed = false;
  saveUsage(file, open);
  serve([&](Upkeep& upkeep, UsageLedger& ledger) {
    upkeep.recount([] { return false; });
    CHECK(ledger.totalBytes() == 4);
  });
}

TEST_CASE("a listing puts right what changed behind the server's back") {
  Harness server = Harness::withoutLogin();
  const std::string target = server.store("/r/data/", "pack");
  fs::remove(server.path("r/" + objectFile("", ObjectType::Data, idOf("pack"))));
  CHECK(server.service().usage().at("r").bytes() == 4);
  CHECK(server.get("/r/data/", "application/vnd.x.restic.rest.v2").body == "[]");
  CHECK(server.service().usage().at("r").bytes() == 0);
}

TEST_CASE("the counters of rest-server count objects and nothing else") {
  Harness server = Harness::withoutLogin();
  const auto counter = [&](const char* name) {
    return valueOf(server, std::string("rest_server_blob_") + name, kData);
  };
  CHECK(server.post("/r/config", "cfg").status == 200);
  CHECK(server.post("/r/data/" + idOf("x"), "y").status == 400);
  CHECK(counter("write_total") == -1);
  const std::string target = server.store("/r/data/", "hello world");
  CHECK(server.post(target, "hello earth").status == 403);
  CHECK(counter("write_total") == 1);
  CHECK(counter("write_bytes_total") == 11);
  server.ask({.method = http::Method::Head, .target = target});
  server.get("/r/data/");
  CHECK(counter("read_total") == -1);
  server.get(target);
  server.ask({.target = target, .headers = {{"Range", "bytes=0-4"}}});
  CHECK(counter("read_total") == 2);
  CHECK(counter("read_bytes_total") == 16);
  server.ask({.target = target, .headers = {{"Range", "bytes=99-"}}});
  CHECK(counter("read_bytes_total") == 16 + 33);
  CHECK(server.remove(target).status == 200);
  CHECK(server.remove(target).status == 200);
  CHECK(counter("delete_total") == 1);
  CHECK(counter("delete_bytes_total") == 11);
}

TEST_CASE("repositories, snapshots and quotas can be watched") {
  Harness server = Harness::withoutLogin(limitedTo(1000));
  const std::string repo = "r";
  CHECK(valueOf(server, "coffer_restic_newest_snapshot_timestamp_seconds", {{"repo", repo}}) == -1);
  const std::string first = server.store("/r/snapshots/", "first");
  const double now = static_cast<double>(server.clock().now()) / kSecond;
  const auto newest = [&] {
    return valueOf(server, "coffer_restic_newest_snapshot_timestamp_seconds", {{"repo", repo}});
  };
  CHECK(newest() == doctest::Approx(now));
  CHECK(valueOf(server, "coffer_restic_repository_bytes", {{"repo", repo}}) == 5);
  CHECK(valueOf(server, "coffer_restic_repository_objects",
                {{"repo", repo}, {"type", "snapshots"}}) == 1);
  CHECK(valueOf(server, "coffer_restic_last_access_timestamp_seconds", {{"repo", repo}}) > 0);
  CHECK(valueOf(server, "coffer_restic_quota_used_bytes", {{"scope", "total"}, {"name", ""}}) == 5);
  CHECK(valueOf(server, "coffer_restic_quota_limit_bytes", {{"scope", "total"}, {"name", ""}}) ==
        1000);
  CHECK(valueOf(server, "coffer_restic_auth_failures_total", {}) == 0);
  CHECK(server.remove(first).status == 200);
  CHECK(newest() == -1);
}

TEST_CASE("deleted repositories and what crashed uploads left are cleared away") {
  Harness server = Harness::withoutLogin();
  fs::create_directories(server.path(".coffer/trash/1/data/ab"));
  std::ofstream(server.path(".coffer/trash/1/data/ab/x")) << "x";
  fs::create_directories(server.path("r/keys"));
  std::ofstream(server.path("r/keys/" + idOf("k") + ".coffer-temp0123456789abcdef")) << "half";
  CHECK(server.service().sweep() == 1);
  CHECK(strayFiles(server.path()).empty());
  CHECK(fs::exists(server.path(std::string(kSweepMark))));

  const ResticOptions options;
  storage::BlobStore blobs({.root = server.path()});
  UsageLedger ledger({});
  Upkeep upkeep(options, server.clock(), blobs, ledger);
  upkeep.emptyTrash([] { return true; });
  CHECK(fs::exists(server.path(std::string(kTrashFolder))));
  upkeep.emptyTrash([] { return false; });
  CHECK_FALSE(fs::exists(server.path(std::string(kTrashFolder))));
}

TEST_CASE("a repository that was removed behind the server's back is forgotten by a count") {
  Harness server = Harness::withoutLogin();
  const ResticOptions options;
  storage::BlobStore blobs({.root = server.path()});
  UsageLedger ledger({});
  Upkeep upkeep(options, server.clock(), blobs, ledger);
  server.store("/r/data/", "pack");
  ledger.reserve("gone", "", ObjectType::Data, 9).settle(1);
  upkeep.recount([] { return false; });
  CHECK(ledger.repositories().size() == 1);
  CHECK(ledger.totalBytes() == 4);
}

TEST_CASE("a full disk is 507 and leaves nothing") {
  coffer::tests::TempFolder temp;
  if (::mount("none", temp.path().c_str(), "tmpfs", 0, "size=2m") != 0) {
    MESSAGE("SKIPPED: mounting a small tmpfs needs root; run scripts/test as root to cover this");
    return;
  }
  struct Unmount {
    const std::string& path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{temp.path()};
  ResticOptions options;
  options.authentication.noAuth = true;
  options.path = temp.path() + "/restic";
  FakeClock clock;
  ResticService service(options, clock);
  const std::string body(3 * MiB, 'x');
  for (const bool announced : {true, false}) {
    auto mount = std::make_shared<http::MountPoint>();
    auto request = http::RequestBuilder()
                       .method(http::Method::Post)
                       .target("/r/data/" + idOf(body), mount)
                       .contentLength(announced ? std::optional(body.size()) : std::nullopt)
                       .build();
    const auto match = service.match(request.method(), request.segments());
    Harness::admit(match.route->guard(), request);
    const auto upload = [&] {
      const auto sink = match.route->uploadHandler()(request);
      for (std::size_t at = 0; at < body.size(); at += 64 * KiB) {
        sink->write(std::string_view(body).substr(at, 64 * KiB));
      }
      (void)sink->finish();
    };
    CHECK_THROWS_AS(upload(), InsufficientStorage);
    CHECK(service.quotas().front().used == 0);
  }
  CHECK(strayFiles(options.path).empty());
}
