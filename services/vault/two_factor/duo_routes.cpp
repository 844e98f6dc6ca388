// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/duo_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> duoRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
