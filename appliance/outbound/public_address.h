// SPDX-License-Identifier: BSD-2-Clause
//
// Which addresses may be called when somebody else chose them (vault-extras 9.4): those of the
// public internet. Nothing of this box, of the network it stands in, of a cloud's metadata service,
// no multicast, no documentation range, and no IPv6 address that carries such an IPv4 address.
#pragma once

#include "appliance/outbound/ip_address.h"

namespace coffer::outbound {

[[nodiscard]] bool isPublicAddress(const IpAddress& address);

}  // namespace coffer::outbound
