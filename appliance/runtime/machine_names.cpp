// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/machine_names.h"

#include "appliance/base/bytes.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <fstream>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <sstream>

namespace coffer::runtime {
namespace {

constexpr std::size_t kMostAddresses = 100;

std::string fullHostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  const std::string lower = toLowerAscii(name.data());
  const bool fits =
      lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos;
  return fits ? lower : std::string();
}

void addIpv4Addresses(HostNames& names) {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  for (const ifaddrs* entry = list; entry && names.size() < kMostAddresses;
       entry = entry->ifa_next) {
    if (!entry->ifa_addr || entry->ifa_addr->sa_family != AF_INET) continue;
    if (!(entry->ifa_flags & IFF_UP)) continue;
    const auto& address = reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr;
    const bool linkLocal = (ntohl(address.s_addr) >> 16) == 0xA9FE;  // 169.254.0.0/16
    std::array<char, INET_ADDRSTRLEN> text{};
    if (linkLocal || !::inet_ntop(AF_INET, &address, text.data(), text.size())) continue;
    names.insert(text.data());
  }
}

void addIpv6Addresses(HostNames& names) {
  std::ifstream table("/proc/net/if_inet6");
  for (std::string line; names.size() < kMostAddresses && std::getline(table, line);) {
    const std::string address = lastingAddressOf(line);
    if (!address.empty()) names.insert(address);
  }
}

}  // namespace

std::string lastingAddressOf(const std::string& procLine) {
  // Address, interface index, prefix length, scope, flags, name; numbers in hexadecimal.
  constexpr unsigned kLinkLocal = 0x20;
  constexpr unsigned kTemporary = 0x01, kDeprecated = 0x20, kTentative = 0x40;
  std::istringstream fields(procLine);
  std::string address;
  unsigned index = 0, prefix = 0, scope = 0, flags = 0;
  if (!(fields >> address >> std::hex >> index >> prefix >> scope >> flags)) return {};
  const auto bytes = fromHex(address);
  if (!bytes || bytes->size() != 16 || scope == kLinkLocal) return {};
  if (flags & (kTemporary | kDeprecated | kTentative)) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET6, bytes->data(), text.data(), text.size()) ? text.data() : "";
}

std::string shortHostName() {
  const std::string full = fullHostName();
  const std::string name = full.substr(0, full.find('.'));
  return name.empty() || name.size() > 63 || name.front() == '-' ? "localhost" : name;
}

HostNames namesOfThisMachine() {
  HostNames names{"localhost", "127.0.0.1", "::1"};
  const std::string name = shortHostName();
  if (name != "localhost") names.insert({name, name + ".local"});
  if (const std::string full = fullHostName(); full.find('.') != std::string::npos) {
    names.insert(full);
  }
  addIpv4Addresses(names);
  addIpv6Addresses(names);
  return names;
}

}  // namespace coffer::runtime
