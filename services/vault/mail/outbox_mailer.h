// SPDX-License-Identifier: BSD-2-Clause
//
// The Mailer that every vault has: templates, the outbox table, and the thread that delivers.
#pragma once

#include "services/vault/mail/mail_delivery.h"
#include "services/vault/mail/mail_templates.h"
#include "services/vault/mail/mailer.h"
#include "services/vault/vault_options.h"

namespace coffer::vault {

class OutboxMailer final : public Mailer {
 public:
  // Throws UsageError for a folder of templates that cannot be used.
  OutboxMailer(storage::Database& database, const Clock& clock, const VaultOptions& options,
               VaultMetrics& metrics);

  bool isEnabled() const override;
  RenderedMail render(const Mail& mail) const override;
  // Throws Unavailable when mail is off, or when 10,000 mails wait.
  void enqueue(storage::Transaction& tx, const RenderedMail& mail) const override;
  void sendSoon() override;
  void send(const Mail& mail) override;

  // Before start() and after stop(), mails only gather in the outbox.
  void start();
  void stop();

 private:
  UnixMicros lifetimeOf(MailKind kind) const;

  storage::Database& database_;
  const Clock& clock_;
  const VaultOptions& options_;
  const MailTemplates templates_;
  MailDelivery delivery_;
};

}  // namespace coffer::vault
