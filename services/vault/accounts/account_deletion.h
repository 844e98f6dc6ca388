// SPDX-License-Identifier: BSD-2-Clause
//
// The end of an account, with everything that is its owner's, files included: asked for in a
// session, or by a link that is mailed to whoever lost the password (vault-core 4.4).
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// DELETE /accounts and POST /accounts/delete. Hash lane.
http::Response deleteOwnAccount(const VaultContext& context, http::Request& request);

// POST /accounts/delete-recover: answers the same whether or not there is such an account.
http::Response mailDeletion(const VaultContext& context, http::Request& request);
// POST /accounts/delete-recover-token.
http::Response deleteByToken(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
