// SPDX-License-Identifier: BSD-2-Clause
//
// Login with another device (vault-extras 5).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> authRequestRoutes(const VaultContext& context);

}  // namespace coffer::vault
