// SPDX-License-Identifier: BSD-2-Clause
//
// The routes of folders (vault-core 7.1).
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

// `context` must outlive the routes.
std::vector<http::Route> folderRoutes(const VaultContext& context);

}  // namespace coffer::vault
