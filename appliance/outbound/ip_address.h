// SPDX-License-Identifier: BSD-2-Clause
//
// An IPv4 or IPv6 address as bytes.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::outbound {

struct IpAddress {
  std::array<unsigned char, 16> bytes{};  // In network order; IPv4 uses the first four.
  bool isV6 = false;

  std::string text() const;
  bool operator==(const IpAddress&) const = default;
};

// The canonical spellings only: "192.0.2.1", "2001:db8::1" (no brackets, no zone).
std::optional<IpAddress> parseIpAddress(std::string_view text);

// Finds the addresses of a name; none when the name has none. May be called on any thread, and may
// outlive the call that asked (see resolve.h).
using Resolver = std::function<std::vector<IpAddress>(const std::string& name)>;

}  // namespace coffer::outbound
