// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/public_address.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace coffer::outbound {
namespace {

using Bytes = std::array<unsigned char, 16>;

struct Range {
  Bytes base;
  int prefix;
};

constexpr Range v4(unsigned char a, unsigned char b, unsigned char c, unsigned char d, int prefix) {
  return {{a, b, c, d}, prefix};
}

using Words = std::array<std::uint16_t, 8>;

constexpr Range v6(const Words& words, int prefix) {
  Range range{{}, prefix};
  for (std::size_t i = 0; i < words.size(); ++i) {
    range.base[2 * i] = static_cast<unsigned char>(words[i] >> 8);
    range.base[2 * i + 1] = static_cast<unsigned char>(words[i] & 0xff);
  }
  return range;
}

// The registries of special-purpose addresses (RFC 6890 and its successors).
constexpr Range kBlocked4[] = {
    v4(0, 0, 0, 0, 8),         // This network.
    v4(10, 0, 0, 0, 8),        // Private.
    v4(100, 64, 0, 0, 10),     // Behind a provider's translation.
    v4(127, 0, 0, 0, 8),       // Loopback.
    v4(168, 63, 129, 16, 32),  // Azure's platform.
    v4(169, 254, 0, 0, 16),    // Link-local; cloud metadata.
    v4(172, 16, 0, 0, 12),     // Private.
    v4(192, 0, 0, 0, 24),      // Protocol assignments.
    v4(192, 0, 2, 0, 24),      // Documentation.
    v4(192, 88, 99, 0, 24),    // 6to4 relays.
    v4(192, 168, 0, 0, 16),    // Private.
    v4(198, 18, 0, 0, 15),     // Benchmarks.
    v4(198, 51, 100, 0, 24),   // Documentation.
    v4(203, 0, 113, 0, 24),    // Documentation.
    v4(224, 0, 0, 0, 4),       // Multicast.
    v4(240, 0, 0, 0, 4),       // Reserved; broadcast.
};
constexpr Range kAllowed4[] = {
    v4(192, 0, 0, 9, 32),   // PCP anycast.
    v4(192, 0, 0, 10, 32),  // TURN anycast.
};

constexpr Range kBlocked6[] = {
    v6({}, 96),                       // Unspecified, loopback, IPv4-compatible.
    v6({0, 0, 0, 0, 0, 0xffff}, 96),  // IPv4-mapped.
    v6({0x64, 0xff9b, 1}, 48),        // Local translation.
    v6({0x100}, 64),                  // Discard.
    v6({0x2001}, 23),                 // Protocol assignments, Teredo.
    v6({0x2001, 0xdb8}, 32),          // Documentation.
    v6({0x2002}, 16),                 // 6to4.
    v6({0x3fff}, 20),                 // Documentation.
    v6({0x5f00}, 16),                 // Segment routing.
    v6({0xfc00}, 7),                  // Unique local.
    v6({0xfe80}, 10),                 // Link-local.
    v6({0xfec0}, 10),                 // Site-local.
    v6({0xff00}, 8),                  // Multicast.
};
constexpr Range kAllowed6[] = {
    v6({0x2001, 1, 0, 0, 0, 0, 0, 1}, 128),  // PCP anycast.
    v6({0x2001, 1, 0, 0, 0, 0, 0, 2}, 128),  // TURN anycast.
    v6({0x2001, 3}, 32),                     // AMT.
    v6({0x2001, 4, 0x112}, 48),              // AS112.
    v6({0x2001, 0x20}, 28),                  // ORCHIDv2.
    v6({0x2001, 0x30}, 28),                  // Drone identification.
};
// Translated by the network's NAT64 to the IPv4 address in its last four bytes.
constexpr Range kNat64 = v6({0x64, 0xff9b}, 96);
constexpr std::size_t kNat64Address = 12;

bool contains(const Range& range, const Bytes& address) {
  const auto whole = static_cast<std::size_t>(range.prefix / 8);
  if (!std::equal(address.begin(), address.begin() + range.prefix / 8, range.base.begin())) {
    return false;
  }
  const int rest = range.prefix % 8;
  if (rest == 0) return true;
  return (address[whole] ^ range.base[whole]) >> (8 - rest) == 0;
}

template <std::size_t N>
bool anyContains(const Range (&ranges)[N], const Bytes& address) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& range) { return contains(range, address); });
}

bool isPublic4(const Bytes& address) {
  return anyContains(kAllowed4, address) || !anyContains(kBlocked4, address);
}

}  // namespace

bool isPublicAddress(const IpAddress& address) {
  if (!address.isV6) return isPublic4(address.bytes);
  if (contains(kNat64, address.bytes)) {
    Bytes embedded{};
    std::copy_n(address.bytes.begin() + kNat64Address, 4, embedded.begin());
    return isPublic4(embedded);
  }
  return anyContains(kAllowed6, address.bytes) || !anyContains(kBlocked6, address.bytes);
}

}  // namespace coffer::outbound
