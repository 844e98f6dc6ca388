// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/poco_http_client.h"

#include "appliance/outbound/outbound_fault.h"

namespace coffer::outbound {

PocoHttpClient::PocoHttpClient(std::string userAgent) : userAgent_(std::move(userAgent)) {}

HttpAnswer PocoHttpClient::send(const HttpRequest& request) const {
  throw OutboundFault(OutboundFault::Reason::Unreachable, request.url);
}

}  // namespace coffer::outbound
