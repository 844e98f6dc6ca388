// SPDX-License-Identifier: BSD-2-Clause
//
// The password grant with an approved request in the place of the password (vault-core 3.4.1). The
// second factor is asked for as usual.
#pragma once

#include "services/vault/identity/grant_steps.h"
#include "storage/stores/auth_request_store.h"

#include <string_view>

namespace coffer::vault {

// The request, when it lets this device into this account now: of that account and device,
// approved, neither over nor used, and `code` is its access code. Refuses with an IdentityError and
// the log line of vault-operations 7.3 otherwise; a disabled account too.
storage::AuthRequest requireApprovedRequest(const VaultContext& context,
                                            const http::Request& request, const TokenForm& form,
                                            const LoginAttempt& attempt, const DeviceClaim& device,
                                            std::string_view code);

}  // namespace coffer::vault
