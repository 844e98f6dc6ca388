// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/resolve.h"

#include "appliance/outbound/outbound_fault.h"
#include "appliance/outbound/public_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <future>
#include <memory>
#include <netdb.h>
#include <thread>

namespace coffer::outbound {
namespace {

using Reason = OutboundFault::Reason;

std::vector<IpAddress> lookUp(const std::string& name, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<IpAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    IpAddress address;
    if (entry->ai_family == AF_INET) {
      sockaddr_in raw{};
      std::memcpy(&raw, entry->ai_addr, sizeof raw);
      std::memcpy(address.bytes.data(), &raw.sin_addr, sizeof raw.sin_addr);
    } else if (entry->ai_family == AF_INET6) {
      sockaddr_in6 raw{};
      std::memcpy(&raw, entry->ai_addr, sizeof raw);
      std::memcpy(address.bytes.data(), &raw.sin6_addr, sizeof raw.sin6_addr);
      address.isV6 = true;
    } else {
      continue;
    }
    addresses.push_back(address);
  }
  return addresses;
}

std::vector<IpAddress> askInTime(const Resolver& resolver, const std::string& host,
                                 const Limit& limit) {
  using Task = std::packaged_task<std::vector<IpAddress>()>;
  Task task([resolver, host] { return resolver(host); });
  auto answer = task.get_future();
  std::thread(std::move(task)).detach();
  while (answer.wait_for(limit.slice()) != std::future_status::ready) {
    if (limit.isOver()) throw OutboundFault(Reason::TimedOut, "looking up " + host);
  }
  return answer.get();
}

}  // namespace

std::vector<IpAddress> resolveBySystem(const std::string& name) {
  return lookUp(name, AI_ADDRCONFIG);
}

std::vector<IpAddress> resolve(const Resolver& resolver, const std::string& host,
                               Destinations destinations, const Limit& limit) {
  auto addresses = lookUp(host, AI_NUMERICHOST);
  if (addresses.empty()) addresses = askInTime(resolver, host, limit);
  if (addresses.empty()) throw OutboundFault(Reason::NameUnknown, host + " has no address");
  if (destinations == Destinations::PublicOnly) {
    const auto bad = std::find_if_not(addresses.begin(), addresses.end(), isPublicAddress);
    if (bad != addresses.end()) {
      throw OutboundFault(Reason::Blocked,
                          host + " is at " + bad->text() + ", which is not public");
    }
  }
  return addresses;
}

}  // namespace coffer::outbound
