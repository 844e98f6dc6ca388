// SPDX-License-Identifier: BSD-2-Clause
//
// What went wrong with a mail, for the owner of the box: what was being done, what the other side
// said, and which setting to look at.
#pragma once

#include "appliance/outbound/mail_transport.h"

#include <string>

namespace coffer::runtime {

// "mail.example.org port 587, STARTTLS", or the path of the sendmail program.
std::string describe(const outbound::MailRoute& route);

// Several lines, without a line end at the end.
std::string explain(const outbound::MailFault& fault, const outbound::MailRoute& route);

}  // namespace coffer::runtime
