// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/mail_advice.h"

namespace coffer::runtime {
namespace {

using outbound::MailFault;
using outbound::MailRoute;
using outbound::MailSecurity;
using outbound::MailStep;
using Reason = outbound::OutboundFault::Reason;

constexpr std::uint16_t kImplicitTlsPort = 465;

std::string doing(MailStep step) {
  switch (step) {
    case MailStep::Connect:
      return "connecting";
    case MailStep::Secure:
      return "securing the connection";
    case MailStep::Greet:
      return "greeting";
    case MailStep::Login:
      return "logging in";
    case MailStep::Sender:
      return "naming the sender";
    case MailStep::Recipient:
      return "naming the recipient";
    case MailStep::Message:
      return "handing over the message";
    case MailStep::Program:
      return "calling sendmail";
  }
  return "sending";
}

std::string secureAdvice(const MailFault& fault, const MailRoute& route) {
  if (!fault.reason()) {
    return "Set mail.security to tls, with the port for it, if the server has one; to none only "
           "for a server on this machine.";
  }
  if (fault.detail().find("certificate") != std::string::npos) {
    return "Set mail.host to the name in the server's certificate, or mail.authority_file to the "
           "certificate of the authority that signed it.";
  }
  return route.security == MailSecurity::Tls
             ? "Perhaps the server speaks no TLS on that port: set mail.security to starttls, or "
               "mail.port to 465."
             : "The server's TLS is too old or broken; it needs TLS 1.2.";
}

std::string connectAdvice(const MailFault& fault) {
  switch (fault.reason().value_or(Reason::Unreachable)) {
    case Reason::NameUnknown:
      return "Check mail.host, and whether this machine can look up names.";
    case Reason::TimedOut:
      return "Check mail.host and mail.port; many providers block port 25, and some firewalls "
             "answer nothing.";
    default:
      return "Check mail.host and mail.port.";
  }
}

std::string advice(const MailFault& fault, const MailRoute& route) {
  if (fault.kind() == MailFault::Kind::Later) {
    return "The server put this mail off, as some do with senders they do not know yet: try again "
           "in some minutes, as the vault does with its own mails.";
  }
  switch (fault.step()) {
    case MailStep::Connect:
      return connectAdvice(fault);
    case MailStep::Secure:
      return secureAdvice(fault, route);
    case MailStep::Greet:
      return outbound::effectivePort(route) == kImplicitTlsPort && fault.reason()
                 ? "Servers expect TLS from the first byte on port 465: set mail.security to tls."
                 : "Check that mail.port is one for mail, and mail.hello_name.";
    case MailStep::Login:
      return "Check mail.user and mail.password; some providers want a password made for this "
             "program. mail.mechanisms chooses the way of logging in.";
    case MailStep::Sender:
      return "The server does not take mail from mail.from here: use an address that belongs to "
             "mail.user.";
    case MailStep::Recipient:
      return route.user.empty()
                 ? "Check the address; servers send mail elsewhere only for those who log in with "
                   "mail.user."
                 : "Check the address.";
    case MailStep::Message:
      return "The server's own words say why; mail.from should be an address of its own.";
    case MailStep::Program:
      return "Check mail.sendmail, and the log of that program.";
  }
  return "";
}

}  // namespace

std::string describe(const MailRoute& route) {
  if (!route.sendmail.empty()) return route.sendmail;
  const char* security = route.security == MailSecurity::StartTls ? "STARTTLS"
                         : route.security == MailSecurity::Tls    ? "TLS"
                                                                  : "no TLS";
  return route.host + " port " + std::to_string(outbound::effectivePort(route)) + ", " + security;
}

std::string explain(const MailFault& fault, const MailRoute& route) {
  return "the mail was not sent (" + describe(route) + ")\n  while " + doing(fault.step()) + ": " +
         fault.detail() + "\n  " + advice(fault, route);
}

}  // namespace coffer::runtime
