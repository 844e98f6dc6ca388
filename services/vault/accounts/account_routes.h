// SPDX-License-Identifier: BSD-2-Clause
//
// Routes of the account itself (vault-core 4.4): profile, keys, password, sessions, API key, and
// what other users may ask about it.
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

// Profile, keys, revision date, public keys of others.
std::vector<http::Route> profileRoutes(const VaultContext& context);

// What needs the master password, or changes it.
std::vector<http::Route> passwordRoutes(const VaultContext& context);

}  // namespace coffer::vault
