// SPDX-License-Identifier: BSD-2-Clause
//
// The web vault, or the page of our own where there is none (vault-extras 10). Whether there is one
// is seen at each request: one that is installed needs no restart.
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

// Pages and files that the server itself makes.
std::vector<http::Route> webVaultRoutes(const VaultContext& context);

// The one row for everything else that is asked for with GET, to be tried when no other row fits
// and the path is not the protocol's (isProtocolPath): a row for any path among the others would
// answer 404 where the method is wrong. None when the web vault is switched off.
std::vector<http::Route> webVaultFileRoutes(const VaultContext& context);

}  // namespace coffer::vault
