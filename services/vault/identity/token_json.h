// SPDX-License-Identifier: BSD-2-Clause
//
// What the token endpoint answers when it grants (vault-core 3.4.2 and 3.5). Names are written in
// the exact case that clients of all years look for.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/identity/grant_steps.h"
#include "services/vault/identity/token_form.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

http::Response answerLogin(const VaultContext& context, const http::Request& request,
                           const Login& login, const std::string& clientId);

// The refresh token that was shown goes on being good, and is sent back.
http::Response answerRefresh(const VaultContext& context, const http::Request& request,
                             const Refresh& refresh, const TokenForm& form);

}  // namespace coffer::vault
