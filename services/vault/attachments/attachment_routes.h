// SPDX-License-Identifier: BSD-2-Clause
//
// Files that belong to an item (vault-extras 1).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> attachmentRoutes(const VaultContext& context);

}  // namespace coffer::vault
