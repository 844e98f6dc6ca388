// SPDX-License-Identifier: BSD-2-Clause
//
// Equivalent domains: reading and replacing them (vault-core 7.2).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> domainRoutes(const VaultContext& context);

}  // namespace coffer::vault
