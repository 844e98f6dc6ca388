// SPDX-License-Identifier: BSD-2-Clause
//
// Keys of trusted devices under a new user key. A device's private key is sealed with a key that
// only the device has, and stays.
#pragma once

#include "services/vault/accounts/key_rotation_parts.h"

namespace coffer::vault {

RotationPart deviceRotation(const RotationRequest& request);

}  // namespace coffer::vault
