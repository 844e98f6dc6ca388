// SPDX-License-Identifier: BSD-2-Clause
//
// Addresses of web pages, as far as a client needs them: http and https, no user information.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::outbound {

struct Url {
  bool isSecure = false;   // https.
  std::string host;        // Lower case; no brackets, no dot at the end.
  std::uint16_t port = 0;  // Never 0 in a parsed one.
  std::string target;      // Path and query as they are sent; starts with "/".

  [[nodiscard]] bool hasDefaultPort() const { return port == (isSecure ? 443 : 80); }
  std::string authority() const;  // "host", "host:8080", "[::1]:8080".
  std::string text() const;
  bool operator==(const Url&) const = default;
};

// Nothing for other schemes, user information, hosts of other characters than names and addresses
// have (IDN comes as punycode), ports outside 1…65535, control characters, more than 8 KiB. In path
// and query, bytes that may not be sent as they are get percent-encoded; a fragment is left out.
std::optional<Url> parseUrl(std::string_view text);

// What `reference` on the page `base` means: a whole URL, "//host/…", "/path", "path", "?query".
std::optional<Url> resolveUrl(const Url& base, std::string_view reference);

}  // namespace coffer::outbound
