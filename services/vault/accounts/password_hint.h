// SPDX-License-Identifier: BSD-2-Clause
//
// The hint to a forgotten master password: mailed to the address of the account, or shown to
// whoever asks where there is no mail and the owner of the box allows it (vault-core 4.4).
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// POST /accounts/password-hint. Disk lane.
http::Response sendPasswordHint(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
