// SPDX-License-Identifier: BSD-2-Clause
//
// The routes of Sends (vault-extras 2.8 and 2.9): their owner's, and those of send_access_routes.h.
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

// `context` must outlive the routes.
std::vector<http::Route> sendRoutes(const VaultContext& context);

}  // namespace coffer::vault
