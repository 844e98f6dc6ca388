// SPDX-License-Identifier: BSD-2-Clause
//
// Names of folders under a new user key.
#pragma once

#include "services/vault/accounts/key_rotation_parts.h"

namespace coffer::vault {

RotationPart folderRotation(const RotationRequest& request);

}  // namespace coffer::vault
