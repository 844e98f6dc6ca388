// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/access/login_throttle.h"

#include "appliance/base/fault.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace coffer::vault;
using std::chrono::seconds;

TEST_CASE("a bucket gives its burst at once and then one attempt for every refill") {
  TokenBuckets buckets({3, seconds{60}});
  UnixMicros now = 1'000 * kSecond;
  for (int i = 0; i < 3; ++i) CHECK(buckets.take("a", now));
  CHECK_FALSE(buckets.take("a", now));
  CHECK(buckets.take("b", now));

  CHECK_FALSE(buckets.take("a", now + 59 * kSecond));
  CHECK(buckets.take("a", now + 61 * kSecond));
  CHECK_FALSE(buckets.take("a", now + 61 * kSecond));

  now += kDay;
  for (int i = 0; i < 3; ++i) CHECK(buckets.take("a", now));
  CHECK_FALSE(buckets.take("a", now));
}

TEST_CASE("a clock that goes backwards neither gives nor takes attempts") {
  TokenBuckets buckets({1, seconds{60}});
  CHECK(buckets.take("a", 1'000 * kSecond));
  CHECK_FALSE(buckets.take("a", 10 * kSecond));
  CHECK(buckets.take("a", 71 * kSecond));
}

TEST_CASE("an attempt that did not count is given back, and no more than the burst") {
  TokenBuckets buckets({2, seconds{60}});
  CHECK(buckets.take("a", 0));
  CHECK(buckets.take("a", 0));
  buckets.giveBack("a");
  CHECK(buckets.take("a", 0));
  CHECK_FALSE(buckets.take("a", 0));
  for (int i = 0; i < 5; ++i) buckets.giveBack("a");
  for (int i = 0; i < 2; ++i) CHECK(buckets.take("a", 0));
  CHECK_FALSE(buckets.take("a", 0));
  buckets.giveBack("never seen");
  CHECK(buckets.size() == 1);
}

TEST_CASE("the number of buckets is bounded, and the one used last stays") {
  TokenBuckets buckets({1, seconds{60}});
  for (std::size_t i = 0; i < TokenBuckets::kMaxBuckets; ++i) {
    CHECK(buckets.take("crowd" + std::to_string(i), 0));
    if (i % 1000 == 0) CHECK_FALSE(buckets.take("crowd0", 0));
  }
  CHECK(buckets.take("one more", 0));
  CHECK(buckets.size() == TokenBuckets::kMaxBuckets);
  CHECK_FALSE(buckets.take("crowd0", 0));
}

TEST_CASE("an IPv6 client is counted by its network, an IPv4 client by its address") {
  CHECK(throttleName("192.0.2.1") == "192.0.2.1");
  CHECK(throttleName("unix") == "unix");
  CHECK(throttleName("2001:db8::1") == throttleName("2001:db8:0:0:ffff::9"));
  CHECK(throttleName("2001:db8::1") != throttleName("2001:db8:0:1::1"));
  CHECK(throttleName("::ffff:192.0.2.1") != throttleName("::ffff:192.0.2.2"));
}

TEST_CASE("logins, accounts, devices and other anonymous calls are counted apart") {
  FakeClock clock;
  VaultOptions options;
  options.loginLimit = {2, seconds{60}};
  options.anonymousLimit = {1, seconds{60}};
  LoginThrottle throttle(clock, options);

  throttle.chargeLogin("192.0.2.1");
  throttle.chargeLogin("192.0.2.1");
  CHECK_THROWS_AS(throttle.chargeLogin("192.0.2.1"), TooManyRequests);
  throttle.chargeLogin("192.0.2.2");

  throttle.chargeAccount("a@example.test");
  throttle.chargeAccount("a@example.test");
  CHECK_THROWS_AS(throttle.chargeAccount("a@example.test"), TooManyRequests);

  throttle.chargeDevice("user", "phone");
  throttle.chargeDevice("user", "phone");
  CHECK_THROWS_AS(throttle.chargeDevice("user", "phone"), TooManyRequests);
  throttle.chargeDevice("user", "laptop");
  throttle.chargeDevice("another user", "phone");
  throttle.refundDevice("user", "phone");
  throttle.chargeDevice("user", "phone");

  throttle.chargeAnonymous("192.0.2.1");
  CHECK_THROWS_AS(throttle.chargeAnonymous("192.0.2.1"), TooManyRequests);
  clock.advance(kMinute);
  throttle.chargeAnonymous("192.0.2.1");
}
