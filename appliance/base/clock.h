// SPDX-License-Identifier: BSD-2-Clause
//
// Time. Points in time are microseconds since 1970 in UTC; they are what is stored, and what the
// vault's dates are made of. Durations and deadlines use std::chrono::steady_clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {

using UnixMicros = std::int64_t;

constexpr UnixMicros kSecond = 1'000'000;
constexpr UnixMicros kMinute = 60 * kSecond;
constexpr UnixMicros kHour = 60 * kMinute;
constexpr UnixMicros kDay = 24 * kHour;

// Handed to whoever needs the time, so that a test can hold it still.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixMicros now() const = 0;
};

class SystemClock final : public Clock {
 public:
  UnixMicros now() const override;
};

class FakeClock final : public Clock {
 public:
  explicit FakeClock(UnixMicros now = 1'770'000'000 * kSecond) : now_(now) {}
  UnixMicros now() const override { return now_; }
  void advance(UnixMicros by) { now_ += by; }

 private:
  UnixMicros now_;
};

// "2026-02-03T04:05:06.123456Z": always six digits, always Z (vault-core section 1.4).
std::string formatIsoDate(UnixMicros time);

// Every form of RFC 3339, a fraction of any length, an offset or Z, and no zone meaning UTC.
// Years 1 to 9999. Nothing if it is not a date.
std::optional<UnixMicros> parseIsoDate(std::string_view text);

std::string formatHttpDate(UnixMicros time);  // "Fri, 20 Nov 2026 08:00:00 GMT".

}  // namespace coffer
