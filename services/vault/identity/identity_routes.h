// SPDX-License-Identifier: BSD-2-Clause
//
// Routes before a session exists: how to derive the password's hash, registration, tokens
// (vault-core section 3).
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

std::vector<http::Route> identityRoutes(const VaultContext& context);

}  // namespace coffer::vault
