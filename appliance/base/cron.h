// SPDX-License-Identifier: BSD-2-Clause
//
// Times as cron writes them, with a field for the second in front, always in UTC:
//
//   second minute hour day-of-month month day-of-week
//
// A field is "*", a number, a range "1-5", a step "*/10" or "3-30/9", or a list of these. Months
// and weekdays may be named (JAN, SUN); 0 and 7 are Sunday. A moment fits when every field does.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {

class CronSchedule {
 public:
  // Nothing for what is no such text; `reason` then says which field is wrong.
  static std::optional<CronSchedule> parse(std::string_view text, std::string& reason);

  // The first fitting moment after `time`, within eight years (a leap day is never farther);
  // nothing when there is none, such as on February 30.
  std::optional<std::chrono::sys_seconds> next(std::chrono::sys_seconds time) const;

 private:
  [[nodiscard]] bool fitsDay(std::chrono::sys_days day) const;

  std::bitset<60> seconds_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<8> weekdays_;  // 0 is Sunday; 7 is folded into it.
};

}  // namespace coffer
