// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/size_name.h"

#include <array>
#include <cstddef>
#include <string_view>

namespace coffer::vault {

std::string sizeName(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units = {"Bytes", "KB", "MB", "GB", "TB"};
  constexpr std::uint64_t step = 1024;
  std::size_t unit = 0;
  std::uint64_t scale = 1;
  while (unit + 1 < units.size() && bytes / scale >= step) {
    scale *= step;
    ++unit;
  }
  const std::uint64_t rest = bytes % scale;
  const auto hundredths = static_cast<unsigned>(rest * 100 / scale);
  std::string text = std::to_string(bytes / scale);
  if (hundredths != 0) {
    text += '.';
    text += static_cast<char>('0' + hundredths / 10);
    if (hundredths % 10 != 0) text += static_cast<char>('0' + hundredths % 10);
  }
  return text.append(" ").append(units[unit]);
}

}  // namespace coffer::vault
