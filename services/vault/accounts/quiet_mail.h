// SPDX-License-Identifier: BSD-2-Clause
//
// Mail that whoever asks for it must not learn from whether the address has an account: not by the
// answer, and not by the time it takes, most of which is one flush of the disk.
#pragma once

#include "services/vault/mail/mail.h"
#include "services/vault/vault_context.h"

namespace coffer::vault {

enum class Recipient { Known, Unknown };

// Sends the mail to a known recipient. For an unknown one it does as much work and sends nothing.
// Disk lane.
void mailOrPretend(const VaultContext& context, const Mail& mail, Recipient recipient);

}  // namespace coffer::vault
