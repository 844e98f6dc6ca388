// SPDX-License-Identifier: BSD-2-Clause
//
// Hands mails to a mail server, or to a sendmail program.
//
//   const auto session = openMailSession(route, stop);   // Connects, greets, secures, logs in.
//   session->deliver("vault@example.org", "ann@example.org", composeMail(message));
//
// Blocks; belongs on a thread of its own. Threads: one at a time for each session.
#pragma once

#include "appliance/base/fault.h"
#include "appliance/base/secret.h"
#include "appliance/outbound/outbound_fault.h"
#include "appliance/outbound/tls_trust.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace coffer::outbound {

enum class MailSecurity {
  StartTls,  // Insisted on: a server that does not offer it gets no mail.
  Tls,       // From the first byte.
  None,
};

struct MailRoute {
  std::string sendmail;  // Path of a program that is called like sendmail; "": SMTP.
  std::string host;
  std::uint16_t port = 0;  // 0: 587, 465 or 25, by `security`.
  MailSecurity security = MailSecurity::StartTls;
  std::string user;  // "": no login.
  Secret password;
  std::vector<std::string> mechanisms;  // "plain", "login"; empty: both.
  std::string helloName;                // "": the machine's name.
  TlsTrust trust;
  std::chrono::milliseconds timeout{15'000};  // Of each step; a message may take longer.
};

// What was being done when it went wrong.
enum class MailStep {
  Connect,  // The name, the address, the port.
  Secure,   // TLS, or the offer of it.
  Greet,    // EHLO.
  Login,
  Sender,     // MAIL FROM
  Recipient,  // RCPT TO
  Message,    // DATA
  Program,    // sendmail
};

class MailFault : public Fault {
 public:
  enum class Kind {
    NoWay,    // No mail gets through now, whatever it is: try them all again later.
    Later,    // This mail was put off (4xx).
    Refused,  // This mail will never be taken (5xx).
  };
  // `detail` is what the server said, or why it could not be asked; never a secret.
  MailFault(Kind kind, MailStep step, std::string detail,
            std::optional<OutboundFault::Reason> reason = {})
      : Fault(FaultKind::Unavailable, "Mail cannot be sent at the moment.", std::move(detail)),
        kind_(kind),
        step_(step),
        reason_(reason) {}
  Kind kind() const { return kind_; }
  MailStep step() const { return step_; }
  // Of a connection that failed, rather than a server that refused.
  std::optional<OutboundFault::Reason> reason() const { return reason_; }

 private:
  Kind kind_;
  MailStep step_;
  std::optional<OutboundFault::Reason> reason_;
};

class MailSession {
 public:
  virtual ~MailSession() = default;
  // `message` is composeMail()'s. The server has taken responsibility for it when this returns.
  // Throws MailFault; after NoWay the session is of no further use.
  virtual void deliver(const std::string& from, const std::string& to,
                       const std::string& message) = 0;
};

// Throws MailFault(NoWay). Once `stop` is requested, everything that waits ends with NoWay soon.
std::unique_ptr<MailSession> openMailSession(const MailRoute& route, std::stop_token stop = {});

// 587, 465 or 25 where the route names none.
std::uint16_t effectivePort(const MailRoute& route);

}  // namespace coffer::outbound
