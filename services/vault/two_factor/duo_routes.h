// SPDX-License-Identifier: BSD-2-Clause
//
// Setting up Duo (vault-extras 4.8).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> duoRoutes(const VaultContext& context);

}  // namespace coffer::vault
