// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/two_factor_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> twoFactorRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
