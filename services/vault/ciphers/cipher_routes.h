// SPDX-License-Identifier: BSD-2-Clause
//
// The routes of items (vault-core 6.8) for what one account can do with what is its own. The
// "-admin" forms, collections, sharing and what is attached to an item belong to organizations and
// attachments, and are not here.
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

// All of them. `context` must outlive the routes.
std::vector<http::Route> cipherRoutes(const VaultContext& context);

// Those among them that take lists of items, and trash, archive and purge.
std::vector<http::Route> cipherBulkRoutes(const VaultContext& context);

}  // namespace coffer::vault
