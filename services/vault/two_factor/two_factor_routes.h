// SPDX-License-Identifier: BSD-2-Clause
//
// The set-up routes of every second factor (vault-extras 4.3 to 4.8), and of protected actions.
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> twoFactorRoutes(const VaultContext& context);

}  // namespace coffer::vault
