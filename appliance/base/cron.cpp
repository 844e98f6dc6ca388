// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/cron.h"

#include "appliance/base/bytes.h"

#include <array>
#include <charconv>
#include <span>
#include <vector>

namespace coffer {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

struct FieldForm {
  const char* name;
  unsigned low;
  unsigned high;
  std::span<const std::string_view> words;  // The first stands for `low`.
};

const std::array<FieldForm, 6> kForms = {{{"second", 0, 59, {}},
                                          {"minute", 0, 59, {}},
                                          {"hour", 0, 23, {}},
                                          {"day of the month", 1, 31, {}},
                                          {"month", 1, 12, kMonths},
                                          {"weekday", 0, 7, kWeekdays}}};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = text.find_first_of(separators);
    parts.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return parts;
}

std::optional<unsigned> parseNumber(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<unsigned> parseValue(std::string_view text, const FieldForm& form) {
  const std::string word = toLowerAscii(std::string(text));
  for (unsigned i = 0; i < form.words.size(); ++i) {
    if (word == form.words[i]) return form.low + i;
  }
  const auto number = parseNumber(text);
  if (!number || *number < form.low || *number > form.high) return std::nullopt;
  return number;
}

// One element of a list: sets its bits, or returns false.
template <std::size_t N>
bool setElement(std::string_view text, const FieldForm& form, std::bitset<N>& bits) {
  unsigned step = 1;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto parsed = parseNumber(text.substr(slash + 1));
    if (!parsed || *parsed == 0) return false;
    step = *parsed;
  }
  const std::string_view range = text.substr(0, slash);
  std::optional<unsigned> low = form.low;
  std::optional<unsigned> high = form.high;
  if (range != "*") {
    const auto dash = range.find('-');
    low = parseValue(range.substr(0, dash), form);
    // "5/10" runs on from 5, "5" is 5 alone.
    if (dash != std::string_view::npos) {
      high = parseValue(range.substr(dash + 1), form);
    } else if (slash == std::string_view::npos) {
      high = low;
    }
  }
  if (!low || !high || *low > *high) return false;
  for (unsigned value = *low; value <= *high; value += step) bits.set(value);
  return true;
}

template <std::size_t N>
bool setField(std::string_view text, const FieldForm& form, std::bitset<N>& bits,
              std::string& reason) {
  const auto elements = split(text, ",");
  bool isGood = !elements.empty() && text.back() != ',';
  for (const auto element : elements) isGood = isGood && setElement(element, form, bits);
  if (!isGood) {
    reason =
        "the field for the " + std::string(form.name) + " is wrong: \"" + std::string(text) + '"';
  }
  return isGood;
}

}  // namespace

std::optional<CronSchedule> CronSchedule::parse(std::string_view text, std::string& reason) {
  std::vector<std::string_view> fields;
  for (const auto part : split(text, " \t")) {
    if (!part.empty()) fields.push_back(part);
  }
  if (fields.size() != kForms.size()) {
    reason = "six fields are needed: second, minute, hour, day, month and weekday";
    return std::nullopt;
  }
  CronSchedule schedule;
  const bool isGood = setField(fields[0], kForms[0], schedule.seconds_, reason) &&
                      setField(fields[1], kForms[1], schedule.minutes_, reason) &&
                      setField(fields[2], kForms[2], schedule.hours_, reason) &&
                      setField(fields[3], kForms[3], schedule.days_, reason) &&
                      setField(fields[4], kForms[4], schedule.months_, reason) &&
                      setField(fields[5], kForms[5], schedule.weekdays_, reason);
  if (!isGood) return std::nullopt;
  if (schedule.weekdays_.test(7)) schedule.weekdays_.set(0);
  return schedule;
}

bool CronSchedule::fitsDay(sys_days day) const {
  const year_month_day date(day);
  return months_.test(static_cast<unsigned>(date.month())) &&
         days_.test(static_cast<unsigned>(date.day())) && weekdays_.test(weekday(day).c_encoding());
}

std::optional<sys_seconds> CronSchedule::next(sys_seconds time) const {
  const sys_seconds first = time + 1s;
  const sys_days last = floor<days>(first) + days(8 * 366);
  for (sys_days day = floor<days>(first); day <= last; day += days(1)) {
    if (!fitsDay(day)) continue;
    const auto from = std::max(first, sys_seconds(day)) - day;
    for (auto second = from; second < days(1);) {
      const hh_mm_ss clock(second);
      if (!hours_.test(static_cast<std::size_t>(clock.hours().count()))) {
        second = floor<hours>(second) + hours(1);
      } else if (!minutes_.test(static_cast<std::size_t>(clock.minutes().count()))) {
        second = floor<minutes>(second) + minutes(1);
      } else if (!seconds_.test(static_cast<std::size_t>(clock.seconds().count()))) {
        second += 1s;
      } else {
        return day + second;
      }
    }
  }
  return std::nullopt;
}

}  // namespace coffer
