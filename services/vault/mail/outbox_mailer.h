// SPDX-License-Identifier: BSD-2-Clause
//
// The Mailer that every vault has: outbox table, one thread that delivers (started with the first
// mail), templates.
#pragma once

#include "services/vault/mail/mailer.h"
#include "services/vault/vault_options.h"

namespace coffer::vault {

class OutboxMailer final : public Mailer {
 public:
  OutboxMailer(storage::Database& database, const Clock& clock, const VaultOptions& options);

  bool isEnabled() const override;
  RenderedMail render(const Mail& mail) const override;
  void enqueue(storage::Transaction& tx, const RenderedMail& mail) const override;
  void sendSoon() override;
  void send(const Mail& mail) override;

  void start();
  void stop();

 private:
  storage::Database& database_;
  const Clock& clock_;
  const VaultOptions& options_;
};

}  // namespace coffer::vault
