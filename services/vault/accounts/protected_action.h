// SPDX-License-Identifier: BSD-2-Clause
//
// Codes for protected actions (vault-extras 4.13): mailed to the owner of a session, and typed back
// in the place of the master password. requireSecret() takes them.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// POST /accounts/request-otp and /accounts/verify-otp.
http::Response mailProtectedActionCode(const VaultContext& context, http::Request& request);
http::Response verifyProtectedActionCode(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
