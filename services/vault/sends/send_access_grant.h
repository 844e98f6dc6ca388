// SPDX-License-Identifier: BSD-2-Clause
//
// The grant `send_access` of the token endpoint (vault-extras 2.9 B): whoever has a Send's link
// shows what the Send asks for, a password or a code mailed to a listed address, and gets a token
// that opens it. Nothing is counted here.
//
// Answers do not tell whether a Send exists: for an id that names none, the id alone decides
// whether it is refused or a password or an address is asked for in vain. Nor do they tell whether
// an address is listed.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/identity/token_form.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// The caller has charged the client's address. Hash lane where the form has a password, disk lane
// otherwise. Throws IdentityError and TooManyRequests.
http::Response grantSendAccess(const VaultContext& context, const http::Request& request,
                               const TokenForm& form);

}  // namespace coffer::vault
