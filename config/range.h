// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>

namespace coffer::config {

// Both ends are allowed. In the unit of the field: count, bytes or seconds.
struct Range {
  std::uint64_t low;
  std::uint64_t high;
};

constexpr std::uint64_t kDaySeconds = 86'400;
constexpr std::uint64_t kMebibyte = 1024 * 1024;

}  // namespace coffer::config
