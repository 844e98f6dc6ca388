// SPDX-License-Identifier: BSD-2-Clause
//
// Setting up security keys (vault-extras 4.6).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> webauthnFactorRoutes(const VaultContext& context);

}  // namespace coffer::vault
