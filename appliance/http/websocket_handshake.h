// SPDX-License-Identifier: BSD-2-Clause
//
// The request that turns a connection into a WebSocket (RFC 6455 section 4.2). No subprotocol and
// no extension is ever agreed to.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::http {

// Why the request cannot become a WebSocket: 426 with what would be understood, or 400. Nothing:
// it can.
std::optional<Response> refuseUpgrade(const Request& request, bool http11);

// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string acceptanceOf(std::string_view key);

}  // namespace coffer::http
