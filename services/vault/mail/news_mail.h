// SPDX-License-Identifier: BSD-2-Clause
//
// Mails that tell of a change which must not fail for want of the mail.
#pragma once

#include "services/vault/mail/mailer.h"

namespace coffer::vault {

// Part of the caller's transaction, which goes on without the mail when the outbox is full: that is
// logged. Needs mail to be enabled.
void enqueueIfTaken(const Mailer& mailer, storage::Transaction& tx, const RenderedMail& mail);

}  // namespace coffer::vault
