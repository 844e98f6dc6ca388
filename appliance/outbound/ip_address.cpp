// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/ip_address.h"

#include <arpa/inet.h>
#include <sys/socket.h>

namespace coffer::outbound {

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  ::inet_ntop(isV6 ? AF_INET6 : AF_INET, bytes.data(), out.data(), out.size());
  return out.data();
}

std::optional<IpAddress> parseIpAddress(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  address.isV6 = text.find(':') != std::string_view::npos;
  if (::inet_pton(address.isV6 ? AF_INET6 : AF_INET, terminated.c_str(), address.bytes.data()) != 1)
    return std::nullopt;
  return address;
}

}  // namespace coffer::outbound
