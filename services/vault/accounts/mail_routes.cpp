// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/mail_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> accountMailRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
