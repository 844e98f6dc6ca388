// SPDX-License-Identifier: BSD-2-Clause
//
// Sends in a change of the user key (vault-extras 2.10): each has a key of its own, which the user
// key seals.
#pragma once

#include "services/vault/accounts/key_rotation_parts.h"

namespace coffer::vault {

// Every Send of the user must be in the request. What else it holds is ignored: a Send may have
// been purged since the client last looked. Passwords stay, whatever the request says, since some
// clients send back what stood in their place. Sends that still wait for their file go: who sends
// it has sealed it with the key that is gone.
RotationPart sendRotation(const RotationRequest& request);

}  // namespace coffer::vault
