// SPDX-License-Identifier: BSD-2-Clause
//
// The routes for those who have a Send's link and no account: the protocol of clients before 2026,
// the one with a token (vault-extras 2.9 A and C), and the download of a file (D).
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

// Called by sendRoutes(). `context` must outlive the routes.
std::vector<http::Route> sendAccessRoutes(const VaultContext& context);

}  // namespace coffer::vault
