// SPDX-License-Identifier: BSD-2-Clause
//
// By which names and addresses other machines may reach this one.
#pragma once

#include "appliance/runtime/certificates.h"

#include <string>

namespace coffer::runtime {

// Host name with and without its domain, <host>.local (mDNS), localhost, and the address of every
// interface that is up. Left out: link-local addresses, which need a zone, and IPv6 addresses that
// are temporary or deprecated, which change every day. At most 100 addresses.
HostNames namesOfThisMachine();

// The host name without its domain, lower case; "localhost" when it has none that DNS allows.
std::string shortHostName();

// One line of /proc/net/if_inet6: the address when it is a lasting one, else "".
std::string lastingAddressOf(const std::string& procLine);

}  // namespace coffer::runtime
