// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/credential_cache.h"

#include "services/restic/login_throttle.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace coffer;
using namespace coffer::restic;
using namespace std::chrono_literals;

namespace {
const CredentialCache::Time kStart{1000s};
bool yes() { return true; }
bool no() { return false; }
}  // namespace

TEST_CASE("right credentials are known for a minute after their last use") {
  CredentialCache cache(60s, 10);
  const auto key = cache.keyOf("bob", Secret("pw"), "hash");
  CHECK_FALSE(cache.isKnown(key, kStart));
  CHECK(cache.check(key, kStart, yes));
  CHECK(cache.isKnown(key, kStart + 59s));
  CHECK(cache.isKnown(key, kStart + 118s));
  CHECK_FALSE(cache.isKnown(key, kStart + 178s));
  CHECK_FALSE(cache.isKnown(key, kStart + 1s));
}

TEST_CASE("another user, password or stored hash is another credential") {
  CredentialCache cache(60s, 10);
  CHECK(cache.check(cache.keyOf("bob", Secret("pw"), "hash"), kStart, yes));
  CHECK_FALSE(cache.isKnown(cache.keyOf("bob", Secret("pw"), "changed"), kStart));
  CHECK_FALSE(cache.isKnown(cache.keyOf("bob", Secret("pW"), "hash"), kStart));
  CHECK_FALSE(cache.isKnown(cache.keyOf("bo", Secret("bpw"), "hash"), kStart));
  CHECK(CredentialCache(60s, 10).keyOf("bob", Secret("pw"), "hash") !=
        cache.keyOf("bob", Secret("pw"), "hash"));
}

TEST_CASE("wrong credentials are never known, and a right one is forgotten on reload") {
  CredentialCache cache(60s, 10);
  const auto key = cache.keyOf("bob", Secret("pw"), "hash");
  for (int i = 0; i < 3; ++i) CHECK_FALSE(cache.check(key, kStart, no));
  CHECK_FALSE(cache.isKnown(key, kStart));
  CHECK(cache.check(key, kStart, yes));
  cache.clear();
  CHECK_FALSE(cache.isKnown(key, kStart));
  const auto fail = []() -> bool { throw std::runtime_error("no memory"); };
  CHECK_THROWS((void)cache.check(key, kStart, fail));
  CHECK(cache.check(key, kStart, yes));
}

TEST_CASE("memory is bounded: the credential that expires first goes") {
  CredentialCache cache(60s, 2);
  const auto key = [&](const char* user) { return cache.keyOf(user, Secret("pw"), "hash"); };
  CHECK(cache.check(key("a"), kStart, yes));
  CHECK(cache.check(key("b"), kStart + 1s, yes));
  CHECK(cache.check(key("c"), kStart + 2s, yes));
  CHECK_FALSE(cache.isKnown(key("a"), kStart + 3s));
  CHECK(cache.isKnown(key("b"), kStart + 3s));
  CHECK(cache.isKnown(key("c"), kStart + 3s));
}

TEST_CASE("the same credentials at the same time are checked once") {
  CredentialCache cache(60s, 10);
  const auto key = cache.keyOf("bob", Secret("pw"), "hash");
  std::atomic<int> checks{0};
  std::atomic<int> arrived{0};
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      ++arrived;
      const bool result = cache.check(key, kStart, [&] {
        ++checks;
        while (arrived < 5) std::this_thread::yield();
        return true;
      });
      if (result) ++right;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(checks == 1);
  CHECK(right == 5);
}

TEST_CASE("an address that failed too often waits for the window to end") {
  LoginThrottle throttle(2, 60s);
  throttle.countFailure("192.0.2.1", kStart);
  CHECK_FALSE(throttle.isBlocked("192.0.2.1", kStart));
  throttle.countFailure("192.0.2.1", kStart + 1s);
  CHECK(throttle.isBlocked("192.0.2.1", kStart + 2s));
  CHECK_FALSE(throttle.isBlocked("192.0.2.2", kStart + 2s));
  CHECK_FALSE(throttle.isBlocked("192.0.2.1", kStart + 61s));
  LoginThrottle off(0, 60s);
  for (int i = 0; i < 100; ++i) off.countFailure("192.0.2.1", kStart);
  CHECK_FALSE(off.isBlocked("192.0.2.1", kStart));
}
