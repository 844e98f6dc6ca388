// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/mail_delivery.h"

#include "appliance/base/log.h"
#include "appliance/outbound/mail_message.h"
#include "services/vault/vault_metrics.h"
#include "storage/database/database.h"

#include <algorithm>
#include <chrono>

namespace coffer::vault {
namespace {

using outbound::MailFault;
using storage::OutboxMail;
using storage::OutboxStore;
using storage::Transaction;

constexpr storage::RetryIntervals kRetryAfter{2 * kSecond, 10 * kSecond, kMinute,
                                              5 * kMinute, 15 * kMinute, 30 * kMinute};
constexpr std::int64_t kBatch = 20;
// The wall clock may be set meanwhile, and other processes change what is due.
constexpr UnixMicros kLongestWait = 30 * kSecond;
constexpr UnixMicros kAfterFault = 30 * kSecond;

}  // namespace

MailDelivery::MailDelivery(storage::Database& database, const Clock& clock, VaultMetrics& metrics,
                           MailSender sender, Open open)
    : database_(database),
      clock_(clock),
      metrics_(metrics),
      sender_(std::move(sender)),
      open_(std::move(open)) {}

MailDelivery::~MailDelivery() { stop(); }

void MailDelivery::start() {
  const auto waiting = database_.read([](Transaction& tx) { return OutboxStore(tx).count(); });
  metrics_.setMailsWaiting(waiting);
  {
    std::lock_guard lock(mutex_);
    started_ = true;
  }
  wake();
}

void MailDelivery::stop() {
  std::unique_ptr<http::SmallThread> ending;
  {
    std::lock_guard lock(mutex_);
    started_ = false;
    stop_.request_stop();
    std::swap(ending, thread_);
  }
  changed_.notify_all();
}

void MailDelivery::wake() {
  std::lock_guard lock(mutex_);
  if (!started_) return;
  woken_ = true;
  if (!thread_) thread_ = std::make_unique<http::SmallThread>("mail", [this] { run(); });
  changed_.notify_all();
}

void MailDelivery::run() {
  std::optional<UnixMicros> next = 0;
  do {
    try {
      next = deliverDue(stop_.get_token());
    } catch (const std::exception& e) {
      log::error("vault", "the outbox cannot be worked on", {{"reason", e.what()}});
      next = clock_.now() + kAfterFault;
    }
  } while (waitUntil(next));
}

// False when it is time to end.
bool MailDelivery::waitUntil(std::optional<UnixMicros> due) {
  std::unique_lock lock(mutex_);
  const auto isWoken = [this] { return woken_ || stop_.stop_requested(); };
  const auto wait =
      due ? std::clamp<UnixMicros>(*due - clock_.now(), 0, kLongestWait) : kLongestWait;
  changed_.wait_for(lock, std::chrono::microseconds(wait), isWoken);
  woken_ = false;
  return !stop_.stop_requested();
}

std::optional<UnixMicros> MailDelivery::deliverDue(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const UnixMicros now = clock_.now();
    auto mails = database_.read([&](Transaction& tx) { return OutboxStore(tx).due(now, kBatch); });
    if (mails.empty()) break;
    for (const auto& mail : mails) {
      if (mail.expiresAt <= now) giveUp(mail, mail.lastError.value_or("no time was left"));
    }
    std::erase_if(mails, [&](const auto& mail) { return mail.expiresAt <= now; });
    if (!mails.empty() && deliver(std::move(mails), stop) == Way::Closed) break;
  }
  return database_.read([this](Transaction& tx) {
    OutboxStore outbox(tx);
    metrics_.setMailsWaiting(outbox.count());
    return outbox.nextDue();
  });
}

MailDelivery::Way MailDelivery::deliver(std::vector<OutboxMail> mails,
                                        const std::stop_token& stop) {
  std::unique_ptr<outbound::MailSession> session;
  try {
    session = open_(stop);
  } catch (const MailFault& fault) {
    return wayIsClosed(fault, stop);
  }
  for (const auto& mail : mails) {
    if (stop.stop_requested()) return Way::Closed;
    if (deliverOne(*session, mail, stop) == Way::Closed) return Way::Closed;
  }
  return Way::Open;
}

MailDelivery::Way MailDelivery::deliverOne(outbound::MailSession& session, const OutboxMail& mail,
                                           const std::stop_token& stop) {
  try {
    if (!sentNotRemoved_.contains(mail.seq)) {
      session.deliver(sender_.address, mail.recipient, compose(mail));
      sentNotRemoved_.insert(mail.seq);
    }
    remove(mail, true);
    sentNotRemoved_.erase(mail.seq);
    wayIsOpen();
  } catch (const MailFault& fault) {
    switch (fault.kind()) {
      case MailFault::Kind::NoWay:
        return wayIsClosed(fault, stop);
      case MailFault::Kind::Refused:
        giveUp(mail, fault.detail());
        break;
      case MailFault::Kind::Later: {
        const auto attempt =
            std::min<std::size_t>(static_cast<std::size_t>(mail.attempts), kRetryAfter.size() - 1);
        const UnixMicros until = clock_.now() + kRetryAfter[attempt];
        log::warning("vault", "mail was put off by the mail server",
                     {{"mail", mail.kind}, {"to", mail.recipient}, {"reason", fault.detail()}});
        database_.write(
            [&](Transaction& tx) { OutboxStore(tx).postpone(mail.seq, until, fault.detail()); });
      }
    }
  }
  return Way::Open;
}

MailDelivery::Way MailDelivery::wayIsClosed(const MailFault& fault, const std::stop_token& stop) {
  if (stop.stop_requested()) return Way::Closed;  // It is us who broke it off.
  wasClosed_ = true;
  log::warning("vault", "mail cannot be sent at the moment", {{"reason", fault.detail()}});
  const UnixMicros now = clock_.now();
  database_.write(
      [&](Transaction& tx) { OutboxStore(tx).postponeDue(now, fault.detail(), kRetryAfter); });
  return Way::Closed;
}

void MailDelivery::wayIsOpen() {
  if (!std::exchange(wasClosed_, false)) return;
  const UnixMicros now = clock_.now();
  database_.write([&](Transaction& tx) { OutboxStore(tx).makeDue(now); });
}

void MailDelivery::remove(const OutboxMail& mail, bool sent) {
  database_.write([&](Transaction& tx) { (void)OutboxStore(tx).remove(mail.seq); });
  metrics_.countMail(sent);
}

void MailDelivery::giveUp(const OutboxMail& mail, const std::string& reason) {
  log::error("vault", "mail was not delivered",
             {{"mail", mail.kind}, {"to", mail.recipient}, {"reason", reason}});
  remove(mail, false);
}

std::string MailDelivery::compose(const OutboxMail& mail) const {
  outbound::MailMessage message;
  message.id = "coffer." + std::to_string(mail.createdAt) + "." + std::to_string(mail.seq);
  message.from = sender_.address;
  message.fromName = sender_.name;
  message.to = mail.recipient;
  message.subject = mail.subject;
  message.plain = mail.plain;
  message.html = mail.html;
  message.date = mail.createdAt;
  return composeMail(message);
}

}  // namespace coffer::vault
