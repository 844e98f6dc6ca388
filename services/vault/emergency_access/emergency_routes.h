// SPDX-License-Identifier: BSD-2-Clause
//
// Emergency access (vault-extras 3).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> emergencyAccessRoutes(const VaultContext& context);

}  // namespace coffer::vault
