// SPDX-License-Identifier: BSD-2-Clause
//
// The hubs (vault-extras 7) and the tokens of the push relay (vault-extras 8).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> notificationRoutes(const VaultContext& context);

}  // namespace coffer::vault
