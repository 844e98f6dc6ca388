// SPDX-License-Identifier: BSD-2-Clause
//
// The numbers clients give to their kinds (vault-core 4.9).
#pragma once

#include <string_view>

namespace coffer::vault {

constexpr int kUnknownDeviceType = 14;

// A number without a name of its own is an "Unknown Browser".
std::string_view deviceTypeName(int type);

// Phones keep their session longer.
[[nodiscard]] bool isMobile(int type);

// What the token endpoint and old clients send: "25", or text such as "iOS", which means
// kUnknownDeviceType.
int parseDeviceType(std::string_view text);

}  // namespace coffer::vault
