// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/mail_transport.h"

#include "appliance/outbound/sendmail_session.h"
#include "appliance/outbound/smtp_session.h"

namespace coffer::outbound {

std::uint16_t effectivePort(const MailRoute& route) {
  if (route.port != 0) return route.port;
  switch (route.security) {
    case MailSecurity::StartTls:
      return 587;
    case MailSecurity::Tls:
      return 465;
    case MailSecurity::None:
      break;
  }
  return 25;
}

std::unique_ptr<MailSession> openMailSession(const MailRoute& route, std::stop_token stop) {
  if (!route.sendmail.empty()) return std::make_unique<SendmailSession>(route, std::move(stop));
  return std::make_unique<SmtpSession>(route, std::move(stop));
}

}  // namespace coffer::outbound
