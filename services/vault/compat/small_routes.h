// SPDX-License-Identifier: BSD-2-Clause
//
// Routes that clients call although this vault has nothing of the kind: each answers what a server
// without any says (vault-core 4.8 and 4.10), because a missing route breaks the client.
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

std::vector<http::Route> smallRoutes(const VaultContext& context);

}  // namespace coffer::vault
