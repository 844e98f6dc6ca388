// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/web_vault_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> webVaultRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
