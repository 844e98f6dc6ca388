// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/cron.h"

#include <doctest/doctest.h>

using namespace coffer;
using namespace std::chrono;

namespace {

std::string nextAfter(const char* text, sys_seconds time) {
  std::string reason;
  const auto schedule = CronSchedule::parse(text, reason);
  REQUIRE_MESSAGE(schedule, reason);
  const auto next = schedule->next(time);
  if (!next) return "never";
  const auto day = floor<days>(*next);
  const year_month_day date(day);
  const hh_mm_ss clock(*next - day);
  char out[64];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u %02ld:%02ld:%02ld", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<long>(clock.hours().count()),
                static_cast<long>(clock.minutes().count()),
                static_cast<long>(clock.seconds().count()));
  return out;
}

constexpr sys_seconds kFriday = sys_days(2026y / November / 20) + 12h + 5min;

}  // namespace

TEST_CASE("a schedule names the next moment that fits, never the present one") {
  CHECK(nextAfter("0 5 * * * *", kFriday) == "2026-11-20 13:05:00");
  CHECK(nextAfter("0 5 * * * *", kFriday - 1s) == "2026-11-20 12:05:00");
  CHECK(nextAfter("30 * * * * *", kFriday) == "2026-11-20 12:05:30");
  CHECK(nextAfter("0 5 0 * * *", kFriday) == "2026-11-21 00:05:00");
  CHECK(nextAfter("* * * * * *", kFriday) == "2026-11-20 12:05:01");
  CHECK(nextAfter("0 */20 * * * *", kFriday) == "2026-11-20 12:20:00");
  CHECK(nextAfter("0 10/25 * * * *", kFriday) == "2026-11-20 12:10:00");
  CHECK(nextAfter("0 0 9-17/4 * * MON-FRI", kFriday) == "2026-11-20 13:00:00");
  CHECK(nextAfter("0 0 3 * * SUN", kFriday) == "2026-11-22 03:00:00");
  CHECK(nextAfter("0 0 3 * * 7", kFriday) == "2026-11-22 03:00:00");
  CHECK(nextAfter("0 0 0 1,15 jan,jul *", kFriday) == "2027-01-01 00:00:00");
  CHECK(nextAfter("0 0 0 29 feb *", kFriday) == "2028-02-29 00:00:00");
  CHECK(nextAfter("59 59 23 31 12 *", kFriday) == "2026-12-31 23:59:59");
  CHECK(nextAfter("0 0 0 30 2 *", kFriday) == "never");
}

TEST_CASE("what is no schedule is refused with the field that is wrong") {
  for (const char* text : {"",
                           "* * * * *",
                           "* * * * * * *",
                           "60 * * * * *",
                           "* 60 * * * *",
                           "* * 24 * * *",
                           "* * * 0 * *",
                           "* * * 32 * *",
                           "* * * * 13 *",
                           "* * * * * 8",
                           "a * * * * *",
                           "5-1 * * * * *",
                           "*/0 * * * * *",
                           "1, * * * * *",
                           ",1 * * * * *",
                           "1-2-3 * * * * *",
                           "-1 * * * * *",
                           "*/ * * * * *",
                           "1//2 * * * * *",
                           "99999999999 * * * * *"}) {
    CAPTURE(text);
    std::string reason;
    CHECK_FALSE(CronSchedule::parse(text, reason));
    CHECK_FALSE(reason.empty());
  }
}
