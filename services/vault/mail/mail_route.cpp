// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/mail_route.h"

namespace coffer::vault {
namespace {

outbound::MailSecurity securityOf(MailSecurity security) {
  switch (security) {
    case MailSecurity::Tls:
      return outbound::MailSecurity::Tls;
    case MailSecurity::None:
      return outbound::MailSecurity::None;
    case MailSecurity::StartTls:
      break;
  }
  return outbound::MailSecurity::StartTls;
}

}  // namespace

outbound::MailRoute mailRoute(const MailOptions& options) {
  outbound::MailRoute route;
  route.sendmail = options.sendmail;
  route.host = options.host;
  route.port = options.port;
  route.security = securityOf(options.security);
  route.user = options.user;
  route.password = options.password;
  route.mechanisms = options.mechanisms;
  route.helloName = options.helloName;
  route.trust = {options.authorityFile, options.acceptInvalidCertificates};
  route.timeout = options.timeout;
  return route;
}

}  // namespace coffer::vault
