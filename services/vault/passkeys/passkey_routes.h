// SPDX-License-Identifier: BSD-2-Clause
//
// Passkeys that log in and unlock by themselves (vault-extras 6).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> passkeyRoutes(const VaultContext& context);

}  // namespace coffer::vault
