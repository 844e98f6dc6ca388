// SPDX-License-Identifier: BSD-2-Clause
//
// What every answer of the vault carries besides its content: headers against misuse by browsers,
// and cross-origin permission for the few clients that need it (vault-core 1.9).
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"

#include <string_view>

namespace coffer::vault {

// Each header only where the response has none of that name.
void addSecurityHeaders(http::Response& response);

// Allows the request's Origin when it is the server's own (`ownOrigin`, "https://host"), the
// desktop client's or Safari's; does nothing for any other. Answers what a preflight asks.
void addCrossOriginHeaders(const http::Request& request, std::string_view ownOrigin,
                           http::Response& response);

}  // namespace coffer::vault
