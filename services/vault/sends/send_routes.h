// SPDX-License-Identifier: BSD-2-Clause
//
// Sends: the routes of their owner and those of whoever holds a link (vault-extras 2).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> sendRoutes(const VaultContext& context);

}  // namespace coffer::vault
