// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/emergency_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> emergencyAccessRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
