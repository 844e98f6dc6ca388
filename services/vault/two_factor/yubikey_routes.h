// SPDX-License-Identifier: BSD-2-Clause
//
// Setting up YubiKeys (vault-extras 4.7).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> yubikeyRoutes(const VaultContext& context);

}  // namespace coffer::vault
