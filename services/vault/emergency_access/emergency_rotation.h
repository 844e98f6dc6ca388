// SPDX-License-Identifier: BSD-2-Clause
//
// Emergency access in a change of the user key: every contact that holds the old one gets the new
// one (vault-extras 3.5, accounts/key_rotation_parts.h).
#pragma once

#include "services/vault/accounts/key_rotation_parts.h"

namespace coffer::vault {

RotationPart emergencyRotation(const RotationRequest& request);

}  // namespace coffer::vault
