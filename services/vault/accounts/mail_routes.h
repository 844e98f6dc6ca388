// SPDX-License-Identifier: BSD-2-Clause
//
// What an account does by mail: verify, change the address, delete, hint (vault-core 4.4).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> accountMailRoutes(const VaultContext& context);

}  // namespace coffer::vault
