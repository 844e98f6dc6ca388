// SPDX-License-Identifier: BSD-2-Clause
//
// The Range field of a GET (RFC 9110 section 14.2), answered as rest-server answers it: restic
// clients depend on the difference between 206, 416 and a whole 200. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace coffer::restic {

enum class RangeKind : std::uint8_t {
  Whole,           // No range, or several: 200. Several may be answered whole, and no client asks.
  Part,            // 206
  NotSatisfiable,  // 416 with "Content-Range: bytes */size"
  Malformed,       // 416
};

struct RangeAnswer {
  RangeKind kind = RangeKind::Whole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// `header` as sent, "" when absent. `size` is the object's. A part lies within the object.
RangeAnswer parseRange(std::string_view header, std::uint64_t size);

}  // namespace coffer::restic
