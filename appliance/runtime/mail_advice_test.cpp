// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/mail_advice.h"

#include <doctest/doctest.h>

namespace coffer::runtime {
namespace {

using outbound::MailFault;
using outbound::MailRoute;
using outbound::MailSecurity;
using outbound::MailStep;
using Reason = outbound::OutboundFault::Reason;

TEST_CASE("each way of failing names the settings to look at, and what the server said") {
  struct Row {
    MailStep step;
    std::string detail;
    std::optional<Reason> reason;
    MailSecurity security;
    std::uint16_t port;
    const char* names;
  };
  const Row rows[] = {
      {MailStep::Connect, "x has no address", Reason::NameUnknown, MailSecurity::Tls, 0,
       "mail.host"},
      {MailStep::Connect, "refused", Reason::Unreachable, MailSecurity::Tls, 0, "mail.port"},
      {MailStep::Connect, "timed out", Reason::TimedOut, MailSecurity::None, 0, "port 25"},
      {MailStep::Secure,
       "the server does not offer STARTTLS",
       {},
       MailSecurity::StartTls,
       0,
       "mail.security"},
      {MailStep::Secure, "the certificate is not good", Reason::Untrusted, MailSecurity::Tls, 0,
       "mail.authority_file"},
      {MailStep::Secure, "wrong version number", Reason::Untrusted, MailSecurity::Tls, 587,
       "starttls"},
      {MailStep::Secure, "unsupported protocol", Reason::Untrusted, MailSecurity::StartTls, 0,
       "TLS 1.2"},
      {MailStep::Greet, "no answer in time", Reason::TimedOut, MailSecurity::StartTls, 465,
       "mail.security to tls"},
      {MailStep::Login, "535 no", {}, MailSecurity::StartTls, 0, "mail.password"},
      {MailStep::Sender, "550 no", {}, MailSecurity::StartTls, 0, "mail.from"},
      {MailStep::Recipient, "554 relay access denied", {}, MailSecurity::StartTls, 0, "mail.user"},
      {MailStep::Message, "554 spam", {}, MailSecurity::StartTls, 0, "mail.from"},
      {MailStep::Program, "exit code 1", {}, MailSecurity::StartTls, 0, "mail.sendmail"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.detail);
    MailRoute route;
    route.host = "mail.example.test";
    route.security = row.security;
    route.port = row.port;
    const MailFault fault(MailFault::Kind::NoWay, row.step, row.detail, row.reason);
    const std::string text = explain(fault, route);
    CHECK(text.find(row.detail) != std::string::npos);
    CHECK(text.find(row.names) != std::string::npos);
    CHECK(text.find("mail.example.test port ") != std::string::npos);
  }
}

TEST_CASE("a mail that was put off is no reason to change a setting") {
  MailRoute route;
  route.host = "mail.example.test";
  const MailFault fault(MailFault::Kind::Later, MailStep::Recipient, "450 greylisted");
  const std::string text = explain(fault, route);
  CHECK(text.find("450 greylisted") != std::string::npos);
  CHECK(text.find("put this mail off") != std::string::npos);
  CHECK(text.find("mail.user") == std::string::npos);
}

}  // namespace
}  // namespace coffer::runtime
