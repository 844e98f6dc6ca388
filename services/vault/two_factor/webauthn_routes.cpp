// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/webauthn_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> webauthnFactorRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
