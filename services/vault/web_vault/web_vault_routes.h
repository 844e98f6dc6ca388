// SPDX-License-Identifier: BSD-2-Clause
//
// The web vault, or the page of our own where there is none (vault-extras 10).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> webVaultRoutes(const VaultContext& context);

}  // namespace coffer::vault
