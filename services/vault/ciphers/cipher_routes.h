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

// `context` must outlive the routes.
std::vector<http::Route> cipherRoutes(const VaultContext& context);  // One item, and all of them.
std::vector<http::Route> cipherBulkRoutes(
    const VaultContext& context);  // Lists of items, trash, archive, purge.

}  // namespace coffer::vault
