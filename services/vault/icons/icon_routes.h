// SPDX-License-Identifier: BSD-2-Clause
//
// Icons of web sites (vault-extras 9).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> iconRoutes(const VaultContext& context);

}  // namespace coffer::vault
