// SPDX-License-Identifier: BSD-2-Clause
//
// What wraps the user key beside the master password. The newest clients ask for all of it in one
// request, seal each anew and send back exactly these; older ones ask every capability for its
// list. So each capability that contributes a RotationPart (key_rotation_parts.h) has its member
// here.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

// GET /api/accounts/key-management/key-rotation-data.
http::Response getKeyRotationData(const VaultContext& context, http::Request& request);

}  // namespace coffer::vault
