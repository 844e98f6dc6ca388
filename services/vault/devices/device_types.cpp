// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/devices/device_types.h"

#include "appliance/base/bytes.h"

#include <array>
#include <cstddef>

namespace coffer::vault {
namespace {

constexpr std::array<std::string_view, 27> kNames{
    "Android",
    "iOS",
    "Chrome Extension",
    "Firefox Extension",
    "Opera Extension",
    "Edge Extension",
    "Windows",
    "macOS",
    "Linux",
    "Chrome",
    "Firefox",
    "Opera",
    "Edge",
    "Internet Explorer",
    "Unknown Browser",
    "Android (Amazon)",
    "UWP",
    "Safari",
    "Vivaldi",
    "Vivaldi Extension",
    "Safari Extension",
    "SDK",
    "Server",
    "Windows CLI",
    "macOS CLI",
    "Linux CLI",
    "DuckDuckGo",
};

constexpr int kAndroid = 0;
constexpr int kIos = 1;
constexpr int kAndroidAmazon = 15;

}  // namespace

std::string_view deviceTypeName(int type) {
  const auto index = static_cast<std::size_t>(type);
  return type >= 0 && index < kNames.size() ? kNames[index] : kNames[kUnknownDeviceType];
}

bool isMobile(int type) { return type == kAndroid || type == kIos || type == kAndroidAmazon; }

int parseDeviceType(std::string_view text) {
  const auto number = parseUnsigned(text);
  return number && *number < 1000 ? static_cast<int>(*number) : kUnknownDeviceType;
}

}  // namespace coffer::vault
