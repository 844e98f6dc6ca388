// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/method.h"

#include <array>
#include <cstddef>

namespace coffer::http {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 7> kNames{"GET",    "HEAD",  "POST",   "PUT",
                                                 "DELETE", "PATCH", "OPTIONS"};

}  // namespace

std::optional<Method> parseMethod(std::string_view token) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == token) return static_cast<Method>(i);
  }
  return std::nullopt;
}

std::string_view nameOf(Method method) { return kNames[static_cast<std::size_t>(method)]; }

}  // namespace coffer::http
