// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/outbox_mailer.h"

#include "services/vault/mail/built_in_templates.h"
#include "services/vault/mail/mail_route.h"
#include "storage/database/database.h"

namespace coffer::vault {
namespace {

constexpr std::int64_t kMaxWaiting = 10'000;
constexpr UnixMicros kLifetime = 3 * kDay;

MailDelivery::Open opener(const MailOptions& options) {
  return [&options](std::stop_token stop) {
    return outbound::openMailSession(mailRoute(options), std::move(stop));
  };
}

}  // namespace

OutboxMailer::OutboxMailer(storage::Database& database, const Clock& clock,
                           const VaultOptions& options, VaultMetrics& metrics)
    : database_(database),
      clock_(clock),
      options_(options),
      templates_(options.mail.templatesFolder),
      delivery_(database, clock, metrics, {options.mail.from, options.mail.fromName},
                opener(options.mail)) {}

bool OutboxMailer::isEnabled() const { return options_.mail.isConfigured(); }

RenderedMail OutboxMailer::render(const Mail& mail) const {
  MailText text = templates_.render(mail, options_.origin);
  return {mail.kind, mail.to, std::move(text.subject), std::move(text.plain), std::move(text.html)};
}

void OutboxMailer::enqueue(storage::Transaction& tx, const RenderedMail& mail) const {
  if (!isEnabled()) throw Unavailable("This server sends no mail.");
  storage::OutboxStore outbox(tx);
  if (outbox.count() >= kMaxWaiting) {
    throw Unavailable("Mail cannot be sent at the moment.", "too many mails wait");
  }
  const UnixMicros now = clock_.now();
  outbox.insert({.recipient = mail.to,
                 .kind = builtInTemplate(mail.kind).name,
                 .subject = mail.subject,
                 .plain = mail.plain,
                 .html = mail.html,
                 .createdAt = now,
                 .dueAt = now,
                 .expiresAt = now + lifetimeOf(mail.kind)});
}

void OutboxMailer::sendSoon() { delivery_.wake(); }

void OutboxMailer::send(const Mail& mail) {
  const RenderedMail rendered = render(mail);
  database_.write([&](storage::Transaction& tx) { enqueue(tx, rendered); });
  sendSoon();
}

void OutboxMailer::start() {
  if (isEnabled()) delivery_.start();
}

void OutboxMailer::stop() { delivery_.stop(); }

// A code that arrives when it is void would only confuse.
UnixMicros OutboxMailer::lifetimeOf(MailKind kind) const {
  switch (kind) {
    case MailKind::ChangeEmail:
    case MailKind::NewDeviceCode:
    case MailKind::TwoFactorCode:
    case MailKind::ProtectedAction:
    case MailKind::SendCode:
      return std::chrono::microseconds(options_.codes.lifetime).count();
    default:
      return kLifetime;
  }
}

}  // namespace coffer::vault
