// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/passkeys/passkey_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> passkeyRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
