// SPDX-License-Identifier: BSD-2-Clause
//
// The routes that all second factors share (vault-extras 4.3), and those that set up the
// authenticator (4.4) and codes by mail (4.5).
#pragma once

#include "appliance/http/route.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

// All of the above.
std::vector<http::Route> twoFactorRoutes(const VaultContext& context);

// Parts of it.
std::vector<http::Route> authenticatorRoutes(const VaultContext& context);
std::vector<http::Route> emailFactorRoutes(const VaultContext& context);

}  // namespace coffer::vault
