// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/auth_requests/auth_request_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> authRequestRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
