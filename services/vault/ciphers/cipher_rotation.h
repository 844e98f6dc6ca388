// SPDX-License-Identifier: BSD-2-Clause
//
// Items under a new user key: what is sealed is replaced; folder, favourite, archive and trash
// stay. Items of organizations are sealed with another key: they may be in the request and are
// passed over.
#pragma once

#include "services/vault/accounts/key_rotation_parts.h"

namespace coffer::vault {

RotationPart cipherRotation(const RotationRequest& request);

}  // namespace coffer::vault
