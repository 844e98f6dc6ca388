// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/outbox_mailer.h"

#include "storage/database/database.h"

namespace coffer::vault {

OutboxMailer::OutboxMailer(storage::Database& database, const Clock& clock,
                           const VaultOptions& options)
    : database_(database), clock_(clock), options_(options) {}

bool OutboxMailer::isEnabled() const { return options_.mail.isConfigured(); }

RenderedMail OutboxMailer::render(const Mail& mail) const {
  return {mail.kind, mail.to, "", "", ""};
}

void OutboxMailer::enqueue(storage::Transaction&, const RenderedMail&) const {}

void OutboxMailer::sendSoon() {}

void OutboxMailer::send(const Mail& mail) {
  const RenderedMail rendered = render(mail);
  database_.write([&](storage::Transaction& tx) { enqueue(tx, rendered); });
  sendSoon();
}

void OutboxMailer::start() { static_cast<void>(clock_); }

void OutboxMailer::stop() {}

}  // namespace coffer::vault
