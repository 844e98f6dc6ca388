// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/clock.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace coffer {
namespace {

using Days = std::chrono::sys_days;

constexpr UnixMicros kFirstMoment = -62'135'596'800 * kSecond;     // 0001-01-01T00:00:00
constexpr UnixMicros kLastMoment = 253'402'300'800 * kSecond - 1;  // The end of the year 9999

struct Parts {
  std::chrono::year_month_day date;
  std::chrono::weekday weekday;
  int hour, minute, second, micros;
};

Parts split(UnixMicros time) {
  const std::chrono::sys_time<std::chrono::microseconds> point{std::chrono::microseconds(time)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::hh_mm_ss clock(point - day);
  return {std::chrono::year_month_day(day),          std::chrono::weekday(day),
          static_cast<int>(clock.hours().count()),   static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count())};
}

// Takes exactly `count` digits off the front of `text`.
std::optional<int> takeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view oneOf) {
  if (text.empty() || oneOf.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// The digits behind the point as microseconds; digits past the sixth are dropped.
std::optional<int> takeFraction(std::string_view& text) {
  if (!take(text, ".,")) return 0;
  int micros = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) micros = micros * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (int i = digits; i < 6; ++i) micros *= 10;
  return micros;
}

std::optional<std::chrono::minutes> takeOffset(std::string_view& text) {
  if (text.empty() || take(text, "Zz")) return std::chrono::minutes(0);
  const bool west = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = takeDigits(text, 2);
  take(text, ":");
  const auto minutes = takeDigits(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset(*hours * 60 + *minutes);
  return west ? -offset : offset;
}

}  // namespace

UnixMicros SystemClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

std::string formatIsoDate(UnixMicros time) {
  const Parts p = split(time);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
                static_cast<int>(p.date.year()), static_cast<unsigned>(p.date.month()),
                static_cast<unsigned>(p.date.day()), p.hour, p.minute, p.second, p.micros);
  return text.data();
}

std::optional<UnixMicros> parseIsoDate(std::string_view text) {
  const auto year = takeDigits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = takeDigits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = takeDigits(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto hour = takeDigits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = takeDigits(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = takeDigits(text, 2);
  if (!second) return std::nullopt;
  const auto micros = takeFraction(text);
  if (!micros) return std::nullopt;
  const auto offset = takeOffset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (*year < 1 || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto point = Days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                     std::chrono::seconds(*second) - *offset + std::chrono::microseconds(*micros);
  const UnixMicros time = point.time_since_epoch().count();
  // An offset can carry the first and last day of the calendar past what four digits print.
  if (time < kFirstMoment || time > kLastMoment) return std::nullopt;
  return time;
}

std::string formatHttpDate(UnixMicros time) {
  constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Parts p = split(time);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[p.weekday.c_encoding()], static_cast<unsigned>(p.date.day()),
                months[static_cast<unsigned>(p.date.month()) - 1], static_cast<int>(p.date.year()),
                p.hour, p.minute, p.second);
  return text.data();
}

}  // namespace coffer
