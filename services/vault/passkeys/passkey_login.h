// SPDX-License-Identifier: BSD-2-Clause
//
// The check of grant_type=webauthn (vault-extras 6.2): a passkey says which account it is for and
// proves it. Its user was verified by the authenticator, so there is no second factor.
#pragma once

#include "appliance/http/request.h"
#include "services/vault/identity/token_form.h"
#include "services/vault/vault_context.h"
#include "storage/stores/user_store.h"
#include "storage/stores/webauthn_store.h"

namespace coffer::vault {

struct PasskeyLogin {
  storage::User user;
  storage::WebAuthnCredential passkey;
};

// Reads `token` and `deviceResponse`; uses up the challenge and notes the use of the passkey.
// Refuses everything with the same IdentityError, and with a log line that says why.
PasskeyLogin checkPasskeyLogin(const VaultContext& context, const http::Request& request,
                               const TokenForm& form);

}  // namespace coffer::vault
