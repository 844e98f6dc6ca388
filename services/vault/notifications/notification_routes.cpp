// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/notifications/notification_routes.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<http::Route> notificationRoutes(const VaultContext&) { return {}; }

}  // namespace coffer::vault
