// SPDX-License-Identifier: BSD-2-Clause
//
// Who the client is when a proxy stands between. Forwarding headers are believed only when the peer
// itself is one of the configured trusted proxies; anything odd in them means the peer's address.
#pragma once

#include "appliance/http/request.h"

#include <Poco/Net/IPAddress.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::http {

// Addresses and CIDR networks, and perhaps every peer on a Unix socket. Const and thread-safe.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  // "10.0.0.1", "10.0.0.0/8", "fd00::/8", "unix". Throws UsageError for anything else.
  explicit TrustedProxies(const std::vector<std::string>& entries);

  [[nodiscard]] bool contains(const Poco::Net::IPAddress& address) const;
  [[nodiscard]] bool trustsUnixSockets() const { return unixSockets_; }

 private:
  std::vector<std::pair<Poco::Net::IPAddress, unsigned>> networks_;  // Address and prefix length.
  bool unixSockets_ = false;
};

struct Forwarded {
  std::string address;  // "" when the headers do not say, or say nonsense.
  std::string scheme;   // "http", "https" or "".
  std::string host;     // Fit to stand in a URL, or "".
};

// What the headers of a trusted proxy say: the rightmost hop of X-Forwarded-For that is not itself
// trusted, else X-Real-IP; X-Forwarded-Proto; X-Forwarded-Host.
Forwarded readForwarded(std::span<const HeaderField> headers, const TrustedProxies& trusted);

// Numeric text; an IPv4 address that came over an IPv6 socket is written as IPv4.
std::string printAddress(const Poco::Net::IPAddress& address);

}  // namespace coffer::http
