// SPDX-License-Identifier: BSD-2-Clause
//
// Calls without a session that belong to a login which has not passed its second factor yet: who
// makes them shows what the login itself began with.
#pragma once

#include "appliance/http/request.h"
#include "services/vault/identity/grant_steps.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// The account of `email`, when `masterPasswordHash` is right; refused, limited and logged like a
// login (grant_steps.h). Hash lane.
LoginAttempt requirePasswordOf(const VaultContext& context, const http::Request& request,
                               const json::Object& form);

// The same, and also content with the `ssoEmail2FaSessionToken` of the answer that asked for the
// factor, and with `authRequestId` and `authRequestAccessCode` of a request that another device
// approved.
LoginAttempt requireLoginProof(const VaultContext& context, const http::Request& request,
                               const json::Object& form);

}  // namespace coffer::vault
