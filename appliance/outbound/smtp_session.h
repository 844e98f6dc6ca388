// SPDX-License-Identifier: BSD-2-Clause
//
// MailSession over SMTP (RFC 5321, 3207, 4954). Poco's dialogue class on a Channel carries it, not
// Poco's SMTP session: that one connects without a timeout, keeps what was received before STARTTLS
// for after it, and goes on without a login when the server asks in words it does not expect.
#pragma once

#include "appliance/outbound/channel.h"
#include "appliance/outbound/mail_transport.h"

#include <Poco/Net/DialogSocket.h>

#include <optional>
#include <string>
#include <string_view>

namespace coffer::outbound {

class SmtpSession final : public MailSession {
 public:
  SmtpSession(const MailRoute& route, std::stop_token stop);
  ~SmtpSession() override;  // Says QUIT, and waits a moment for the answer.

  void deliver(const std::string& from, const std::string& to, const std::string& message) override;

 private:
  struct Reply {
    int code = 0;
    std::string text;  // All lines, codes included, separated by "\n".
  };

  void connect(const std::stop_token& stop);
  void greet();
  void secure();
  void logIn();
  bool offers(std::string_view keyword, std::string_view argument = {}) const;
  bool mayUse(std::string_view mechanism) const;

  // Sends the line and waits for the reply; throws for one that is not of the `expected` hundred.
  Reply command(MailStep step, const std::string& line, int expected = 2);
  Reply reply(MailStep step, int expected, std::chrono::milliseconds patience);
  Reply reply(MailStep step, int expected) { return reply(step, expected, route_.timeout); }
  void send(MailStep step, const std::string& bytes);
  void startTls();
  void extendDeadline(std::chrono::milliseconds by);
  [[noreturn]] void rethrowFailure(MailStep step) const;

  const MailRoute route_;
  Channel* channel_ = nullptr;  // Owned by `dialog_`.
  std::optional<Poco::Net::DialogSocket> dialog_;
  std::string capabilities_;  // Reply to EHLO.
  bool needsReset_ = false;   // The server may be in the middle of a mail.
};

}  // namespace coffer::outbound
