// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "appliance/outbound/mail_transport.h"
#include "services/vault/vault_options.h"

namespace coffer::vault {

// How the owner wants mail to leave the box, in the words of the transport.
outbound::MailRoute mailRoute(const MailOptions& options);

}  // namespace coffer::vault
