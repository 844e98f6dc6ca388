// SPDX-License-Identifier: BSD-2-Clause
//
// The two files that say which apps may use the vault's keys as if they were its own pages
// (vault-extras 10.1). They are there with or without a web vault.
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<http::Route> relyingPartyRoutes(const VaultContext& context);

}  // namespace coffer::vault
