// SPDX-License-Identifier: BSD-2-Clause
//
// MailSession that calls `<program> -i -f FROM -- TO` with the message on its standard input. No
// shell is involved. Exit codes are those of sysexits.h.
#pragma once

#include "appliance/outbound/mail_transport.h"

#include <string>

namespace coffer::outbound {

class SendmailSession final : public MailSession {
 public:
  SendmailSession(const MailRoute& route, std::stop_token stop)
      : program_(route.sendmail), timeout_(route.timeout), stop_(std::move(stop)) {}

  // The program is killed when it takes longer than the route's timeout.
  void deliver(const std::string& from, const std::string& to, const std::string& message) override;

 private:
  const std::string program_;
  const std::chrono::milliseconds timeout_;
  const std::stop_token stop_;
};

}  // namespace coffer::outbound
