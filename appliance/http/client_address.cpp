// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/http/client_address.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/http/characters.h"

#include <algorithm>
#include <optional>

namespace coffer::http {
namespace {

using Poco::Net::IPAddress;

// An IPv4 address inside an IPv6 one is compared and printed as IPv4.
IPAddress unmapped(const IPAddress& address) {
  if (address.family() != IPAddress::IPv6 || !address.isIPv4Mapped()) return address;
  const auto* bytes = static_cast<const unsigned char*>(address.addr());
  return IPAddress(bytes + 12, 4);
}

bool sharesPrefix(const IPAddress& a, const IPAddress& b, unsigned bits) {
  const auto* left = static_cast<const unsigned char*>(a.addr());
  const auto* right = static_cast<const unsigned char*>(b.addr());
  const unsigned whole = bits / 8;
  if (!std::equal(left, left + whole, right)) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((left[whole] ^ right[whole]) >> (8 - rest)) == 0;
}

std::optional<IPAddress> parseAddress(std::string_view text) {
  IPAddress address;
  // The longest numeric form has 45 characters; a scope ("%eth0") means nothing to a peer.
  if (text.empty() || text.size() > 45 || text.find('%') != std::string_view::npos) return {};
  // Poco also takes "127.1" and "0x7f000001"; nobody writes them in good faith.
  const bool isDotted = text.find_first_not_of("0123456789.") == std::string_view::npos &&
                        std::count(text.begin(), text.end(), '.') == 3;
  if (!isDotted && text.find(':') == std::string_view::npos) return {};
  if (!IPAddress::tryParse(std::string(text), address)) return {};
  return unmapped(address);
}

// One element of X-Forwarded-For: an address, perhaps with brackets or a port.
std::optional<IPAddress> parseHop(std::string_view hop) {
  hop = trim(hop);
  if (hop.starts_with('[')) {
    const auto end = hop.find(']');
    if (end == std::string_view::npos) return {};
    const auto port = hop.substr(end + 1);
    if (!port.empty() && (port[0] != ':' || !parseUnsigned(port.substr(1)))) return {};
    return parseAddress(hop.substr(1, end - 1));
  }
  const auto colon = hop.find(':');
  if (colon != std::string_view::npos && hop.find(':', colon + 1) == std::string_view::npos) {
    if (!parseUnsigned(hop.substr(colon + 1))) return {};
    hop = hop.substr(0, colon);
  }
  return parseAddress(hop);
}

// The hops of all X-Forwarded-For fields, from the nearest to the farthest.
std::vector<std::string_view> hopsFromRight(std::span<const HeaderField> headers) {
  std::vector<std::string_view> hops;
  for (auto field = headers.rbegin(); field != headers.rend(); ++field) {
    if (!equalsIgnoringCase(field->name, "X-Forwarded-For")) continue;
    std::string_view rest = field->value;
    for (;;) {
      const auto comma = rest.rfind(',');
      if (comma == std::string_view::npos) break;
      hops.push_back(rest.substr(comma + 1));
      rest = rest.substr(0, comma);
    }
    hops.push_back(rest);
  }
  return hops;
}

std::string firstElement(std::span<const HeaderField> headers, std::string_view name) {
  for (const auto& field : headers) {
    if (!equalsIgnoringCase(field.name, name)) continue;
    const std::string_view value = field.value;
    return std::string(trim(value.substr(0, value.find(','))));
  }
  return {};
}

std::string addressIn(std::span<const HeaderField> headers, const TrustedProxies& trusted) {
  const auto hops = hopsFromRight(headers);
  if (hops.empty()) {
    const auto real = parseAddress(firstElement(headers, "X-Real-IP"));
    return real ? real->toString() : std::string();
  }
  std::optional<IPAddress> nearest;
  for (const auto hop : hops) {
    nearest = parseHop(hop);
    if (!nearest) return {};
    if (!trusted.contains(*nearest)) break;
  }
  return nearest->toString();
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& entries) {
  for (const auto& entry : entries) {
    if (entry == "unix") {
      unixSockets_ = true;
      continue;
    }
    const auto slash = std::min(entry.find('/'), entry.size());
    const auto address = parseAddress(std::string_view(entry).substr(0, slash));
    if (!address) throw UsageError("trusted proxy is not an address or network: " + entry);
    const unsigned width = address->family() == IPAddress::IPv4 ? 32 : 128;
    std::uint64_t bits = width;
    if (slash < entry.size()) {
      bits = parseUnsigned(std::string_view(entry).substr(slash + 1)).value_or(width + 1);
    }
    if (bits > width) throw UsageError("trusted proxy has a bad prefix length: " + entry);
    networks_.emplace_back(*address, static_cast<unsigned>(bits));
  }
}

bool TrustedProxies::contains(const IPAddress& address) const {
  const IPAddress plain = unmapped(address);
  return std::any_of(networks_.begin(), networks_.end(), [&plain](const auto& network) {
    return network.first.family() == plain.family() &&
           sharesPrefix(network.first, plain, network.second);
  });
}

Forwarded readForwarded(std::span<const HeaderField> headers, const TrustedProxies& trusted) {
  Forwarded forwarded;
  forwarded.address = addressIn(headers, trusted);
  const auto scheme = toLowerAscii(firstElement(headers, "X-Forwarded-Proto"));
  if (scheme == "http" || scheme == "https") forwarded.scheme = scheme;
  auto host = firstElement(headers, "X-Forwarded-Host");
  if (allOf(host, kHostChar) && host.find('/') == std::string::npos) {
    forwarded.host = std::move(host);
  }
  return forwarded;
}

std::string printAddress(const IPAddress& address) { return unmapped(address).toString(); }

}  // namespace coffer::http
