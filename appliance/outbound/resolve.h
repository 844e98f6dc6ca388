// SPDX-License-Identifier: BSD-2-Clause
//
// From a host of a URL to addresses, once, with a deadline and an answer about all of them.
#pragma once

#include "appliance/outbound/http_client.h"
#include "appliance/outbound/ip_address.h"
#include "appliance/outbound/limit.h"

#include <string>
#include <vector>

namespace coffer::outbound {

// The system's resolver: /etc/hosts, DNS, whatever nsswitch.conf says.
std::vector<IpAddress> resolveBySystem(const std::string& name);

// The addresses of `host`, in the order to try them. A host that is an address in any spelling the
// system's calls understand ("2130706433", "0x7f.1") is that address, and `resolver` is not asked.
// Throws OutboundFault: NameUnknown; TimedOut; Blocked when `destinations` forbids even one of the
// addresses, because a name with one good and one bad address is an attempt at the bad one.
//
// The system's resolver cannot be interrupted, so `resolver` runs on a thread of its own, which is
// left to end by itself when it takes longer.
std::vector<IpAddress> resolve(const Resolver& resolver, const std::string& host,
                               Destinations destinations, const Limit& limit);

}  // namespace coffer::outbound
