// SPDX-License-Identifier: BSD-2-Clause
//
// POST /identity/connect/token: every grant (vault-core 3.3 to 3.5). Password, refresh token and
// personal API key are granted; the others get the refusal their clients understand.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// Writes: disk lane. Only what has a password to check goes on on the hash lane, so that sessions
// are prolonged however many wait there to log in; a login whose second factor is another server's
// to check goes on on the outbound lane. Throws IdentityError and TooManyRequests.
http::Response grantToken(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
