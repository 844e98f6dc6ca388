// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <stop_token>

namespace coffer::outbound {

using Deadline = std::chrono::steady_clock::time_point;

// How long to wait for others: until a point in time, or until somebody asks to stop, which is
// noticed within kStopInterval.
struct Limit {
  Deadline deadline;
  std::stop_token stop = {};

  [[nodiscard]] bool isOver() const {
    return stop.stop_requested() || std::chrono::steady_clock::now() >= deadline;
  }
  // Time that may be spent in one wait before isOver() is to be asked again; at least zero.
  std::chrono::milliseconds slice() const {
    using std::chrono::milliseconds;
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return milliseconds(0);
    const auto left = std::chrono::ceil<milliseconds>(deadline - now);
    const milliseconds longest = stop.stop_possible() ? kStopInterval : milliseconds(60'000);
    return left < longest ? left : longest;
  }

  static constexpr std::chrono::milliseconds kStopInterval{100};
};

}  // namespace coffer::outbound
