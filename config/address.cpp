// SPDX-License-Identifier: BSD-2-Clause
#include "config/address.h"

#include "appliance/base/bytes.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>

namespace coffer::config {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kSystemd = "systemd";
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kLongestHost = 253;  // RFC 1035.

bool isIpv6(std::string_view text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool isIpv4(std::string_view text) {
  in_addr address{};
  return ::inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

bool isHostName(std::string_view text) {
  if (text.empty() || text.size() > kLongestHost || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

bool hasControls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::optional<Address> parseTcp(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parseUnsigned(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  Address address;
  address.port = static_cast<std::uint16_t>(*port);

  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (!isIpv6(host)) return std::nullopt;
  } else if (!host.empty() && !isHostName(host)) {
    return std::nullopt;
  }
  address.host = host;
  return address;
}

std::optional<Address> parseUnixPath(std::string_view path) {
  if (path.empty() || path == "@" || path.size() > kLongestPath || hasControls(path)) {
    return std::nullopt;
  }
  Address address;
  address.kind = Address::Kind::Unix;
  address.path = path;
  return address;
}

std::optional<Address> parseSystemd(std::string_view rest) {
  Address address;
  address.kind = Address::Kind::Systemd;
  if (rest.empty()) return address;
  if (rest.front() != ':' || rest.size() == 1 || hasControls(rest)) return std::nullopt;
  address.name = rest.substr(1);
  return address;
}

}  // namespace

bool Address::isLocal() const {
  switch (kind) {
    case Kind::Unix:
      return true;
    case Kind::Systemd:
      return false;
    case Kind::Tcp:
      break;
  }
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && isIpv4(host));
}

std::optional<Address> parseAddress(std::string_view text) {
  if (text.starts_with(kUnix)) return parseUnixPath(text.substr(kUnix.size()));
  if (text == kSystemd || text.starts_with("systemd:")) {
    // "systemd:8000" could be a host of that name, and is not.
    return parseSystemd(text.substr(kSystemd.size()));
  }
  return parseTcp(text);
}

std::optional<ListenerSettings> parseListenUrl(std::string_view url) {
  constexpr std::string_view https = "https://";
  constexpr std::string_view http = "http://";
  ListenerSettings listener;
  listener.tls.mode = TlsMode::Off;
  std::string_view address = url;
  if (url.starts_with(https)) {
    listener.tls.mode = TlsMode::Auto;
    address = url.substr(https.size());
  } else if (url.starts_with(http)) {
    address = url.substr(http.size());
  } else if (!url.starts_with(kUnix)) {
    return std::nullopt;
  }
  if (address.ends_with('/') && address.size() != url.size()) address.remove_suffix(1);
  const auto parsed = parseAddress(address);
  const bool wantsUnix = address.size() == url.size();
  if (!parsed || (parsed->kind == Address::Kind::Unix) != wantsUnix) return std::nullopt;
  if (parsed->kind == Address::Kind::Systemd) return std::nullopt;
  listener.address = address;
  return listener;
}

bool isNetwork(std::string_view text) {
  const auto slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const bool v4 = isIpv4(address);
  if (!v4 && !isIpv6(address)) return false;
  if (slash == std::string_view::npos) return true;
  const auto bits = parseUnsigned(text.substr(slash + 1));
  return bits && *bits <= (v4 ? 32U : 128U);
}

}  // namespace coffer::config
