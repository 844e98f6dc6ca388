// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/icons/icon_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> iconRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
