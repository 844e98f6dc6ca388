// SPDX-License-Identifier: BSD-2-Clause
//
// The installations an account has logged in from (vault-core 4.7). A device is named everywhere by
// the identifier its client made up; to remove one ends its session.
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

std::vector<http::Route> deviceRoutes(const VaultContext& context);

// How a phone can be woken, and the same for browsers (vault-extras 8.4).
std::vector<http::Route> pushTokenRoutes(const VaultContext& context);

// Keys with which a trusted device unlocks without the master password.
std::vector<http::Route> deviceTrustRoutes(const VaultContext& context);

}  // namespace coffer::vault
