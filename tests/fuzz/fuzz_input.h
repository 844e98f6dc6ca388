// SPDX-License-Identifier: BSD-2-Clause
//
// Helpers of the fuzz targets. A target states what must hold for every input, not only that
// nothing crashes: require() stops the run with the input saved.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace coffer::fuzz {

inline std::string_view textOf(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace coffer::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
