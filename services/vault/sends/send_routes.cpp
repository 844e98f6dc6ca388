// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> sendRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
