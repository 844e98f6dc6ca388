// SPDX-License-Identifier: BSD-2-Clause
//
// What a change of the user key does to passkeys that unlock: each holds the key sealed for itself
// (vault-extras 6.3).
#pragma once

#include "services/vault/accounts/key_rotation_parts.h"

namespace coffer::vault {

RotationPart passkeyRotation(const RotationRequest& request);

}  // namespace coffer::vault
