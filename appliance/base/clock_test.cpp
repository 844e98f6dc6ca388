// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/clock.h"

#include <doctest/doctest.h>

using namespace coffer;

TEST_CASE("dates print with six digits and Z, and read back") {
  const UnixMicros time = 1'770'091'506'123'456;
  CHECK(formatIsoDate(time) == "2026-02-03T04:05:06.123456Z");
  CHECK(parseIsoDate("2026-02-03T04:05:06.123456Z") == time);
  CHECK(formatIsoDate(0) == "1970-01-01T00:00:00.000000Z");
  CHECK(formatHttpDate(time) == "Tue, 03 Feb 2026 04:05:06 GMT");
}

TEST_CASE("every form of date that clients send is read") {
  const UnixMicros second = 1'770'091'506 * kSecond;
  CHECK(parseIsoDate("2026-02-03T04:05:06.123Z") == second + 123'000);
  CHECK(parseIsoDate("2026-02-03T04:05:06.836+00:00") == second + 836'000);
  CHECK(parseIsoDate("2026-02-03T05:05:06+01:00") == second);
  CHECK(parseIsoDate("2026-02-03T04:05:06Z") == second);
  CHECK(parseIsoDate("2026-02-03T04:05:06.1234567Z") == second + 123'456);
  CHECK(parseIsoDate("2026-02-03T04:05:06") == second);
  CHECK(parseIsoDate("0001-01-01T00:00:00").has_value());
}

TEST_CASE("what is not a date is refused") {
  for (const char* bad :
       {"", "2026-11-20", "2026-11-20garbage", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-02-03T25:00:00Z", "2026-02-03T04:05:06.Z", "2026-02-03T04:05:06Zx",
        "2026-02-03T04:05:06+99:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseIsoDate(bad).has_value());
  }
}
