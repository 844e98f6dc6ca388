// SPDX-License-Identifier: BSD-2-Clause
//
// An account moves to another address in two steps (vault-core 4.4): a code is mailed there, and
// with it the client sends the keys derived with the new address as salt. Every session ends.
//
// With mail the first step answers the same for an address that somebody has, and tells that
// somebody; without mail no code is sent and any is taken.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// POST /accounts/email-token and /accounts/email. Hash lane.
http::Response beginEmailChange(const VaultContext& context, http::Request& request);
http::Response finishEmailChange(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
