// SPDX-License-Identifier: BSD-2-Clause
//
// GET /api/sync (vault-core 5.1): everything an account can see, in one answer. It is assembled
// from stored pieces and streamed; ciphers/cipher_pages.h says what a write in the meantime does.
#pragma once

#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <vector>

namespace coffer::vault {

// `context` must outlive the routes.
std::vector<http::Route> syncRoutes(const VaultContext& context);

}  // namespace coffer::vault
