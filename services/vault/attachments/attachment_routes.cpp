// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/attachments/attachment_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> attachmentRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
