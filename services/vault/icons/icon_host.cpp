// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_host.h"

#include "appliance/base/bytes.h"
#include "appliance/outbound/ip_address.h"

#include <algorithm>

namespace coffer::vault {
namespace {

constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxLabel = 63;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isLabel(std::string_view label) {
  const auto isAllowed = [](char c) { return isDigit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), isAllowed);
}

// Resolvers read a host whose last label is one as an IPv4 address.
bool isNumber(std::string_view label) {
  return label.starts_with("0x") || std::all_of(label.begin(), label.end(), isDigit);
}

}  // namespace

std::optional<std::string> parseIconHost(std::string_view text) {
  if (text.empty() || text.size() > kMaxHost) return std::nullopt;
  std::string host = toLowerAscii(text);
  if (const auto address = outbound::parseIpAddress(host)) {
    if (address->isV6) return std::nullopt;
    return host;
  }
  std::string_view rest = host;
  for (;;) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    if (!isLabel(label)) return std::nullopt;
    if (dot != std::string_view::npos) {
      rest.remove_prefix(dot + 1);
      continue;
    }
    if (isNumber(label)) return std::nullopt;
    return host;
  }
}

}  // namespace coffer::vault
