// SPDX-License-Identifier: BSD-2-Clause
//
// Sends mail without anybody waiting for it. A mail is rendered, written to the outbox with the
// change that causes it, and handed to the mail server by a thread of its own, again and again
// until it is taken or too old to be of use. A mail that was enqueued in a transaction goes out if
// and only if the transaction is durable; a restart loses none.
//
//   const RenderedMail mail = context.mailer.render({MailKind::VerifyEmail, email, {{"link",
//   link}}}); context.database.write([&](auto& tx) { …; context.mailer.enqueue(tx, mail); });
//   context.mailer.sendSoon();
//
// Where the owner configured no mail, isEnabled() is false and nothing may be enqueued.
// Threads: any, after construction.
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/mail/mail.h"

#include <string>

namespace coffer::storage {
class Database;
class Transaction;
}  // namespace coffer::storage

namespace coffer::vault {

// Ready for the outbox.
struct RenderedMail {
  MailKind kind = MailKind::Test;
  std::string to;
  std::string subject;
  std::string plain;
  std::string html;
};

class Mailer {
 public:
  virtual ~Mailer() = default;

  [[nodiscard]] virtual bool isEnabled() const = 0;
  // `url` of the templates is the configured origin. Throws Fault(Internal) for values that the
  // template does not know: a fault in the program.
  virtual RenderedMail render(const Mail& mail) const = 0;
  // Part of the caller's transaction.
  virtual void enqueue(storage::Transaction& tx, const RenderedMail& mail) const = 0;
  // After the transaction; returns at once.
  virtual void sendSoon() = 0;

  // All three, for a mail that belongs to no other change. Durable when it returns.
  virtual void send(const Mail& mail) = 0;
};

}  // namespace coffer::vault
