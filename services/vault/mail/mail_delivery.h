// SPDX-License-Identifier: BSD-2-Clause
//
// Hands what is in the outbox to the mail server, on a thread of its own, again and again until it
// is taken, refused for good, or too old.
//
//   - A mail that fails for now is tried again after 2 s, 10 s, 1 min, 5 min, 15 min, then
//   every 30.
//   - When nothing gets through, everything that is due waits by that rule; a new mail is tried all
//     the same, and with the first success everything that waits is tried at once.
//   - A mail is sent at least once: twice when the power fails between the server's yes and the
//     removal of the row. It has the same Message-ID then.
//
// Threads: any, for the public functions. The thread looks for what other processes have queued or
// made due, `coffer jobs run` and `coffer mail retry`, every half minute.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/small_thread.h"
#include "appliance/outbound/mail_transport.h"
#include "storage/stores/outbox_store.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace coffer::storage {
class Database;
}

namespace coffer::vault {

class VaultMetrics;

struct MailSender {
  std::string address;
  std::string name;
};

class MailDelivery {
 public:
  // Throws MailFault, as openMailSession().
  using Open = std::function<std::unique_ptr<outbound::MailSession>(std::stop_token)>;

  MailDelivery(storage::Database& database, const Clock& clock, VaultMetrics& metrics,
               MailSender sender, Open open);
  ~MailDelivery();  // As stop().
  MailDelivery(const MailDelivery&) = delete;
  MailDelivery& operator=(const MailDelivery&) = delete;

  // Nothing is delivered before start(), nor after stop(), which waits for the thread; a delivery
  // that is under way is broken off.
  void start();
  void stop();
  // There is a new mail.
  void wake();

  // What the thread does each time it wakes: everything that is due. Returns when something is due
  // next. For the thread, and for tests that have not called start().
  std::optional<UnixMicros> deliverDue(const std::stop_token& stop = {});

 private:
  enum class Way { Open, Closed };

  void run();
  bool waitUntil(std::optional<UnixMicros> due);
  Way deliver(std::vector<storage::OutboxMail> mails, const std::stop_token& stop);
  Way deliverOne(outbound::MailSession& session, const storage::OutboxMail& mail,
                 const std::stop_token& stop);
  Way wayIsClosed(const outbound::MailFault& fault, const std::stop_token& stop);
  void wayIsOpen();
  void remove(const storage::OutboxMail& mail, bool sent);
  void giveUp(const storage::OutboxMail& mail, const std::string& reason);
  std::string compose(const storage::OutboxMail& mail) const;

  storage::Database& database_;
  const Clock& clock_;
  VaultMetrics& metrics_;
  const MailSender sender_;
  const Open open_;

  // Of the thread that delivers.
  bool wasClosed_ = true;  // Also after a start: what failed before may work now.
  std::set<std::int64_t> sentNotRemoved_;

  std::mutex mutex_;  // For what follows.
  std::condition_variable changed_;
  bool started_ = false;
  bool woken_ = false;
  std::stop_source stop_;
  std::unique_ptr<http::SmallThread> thread_;
};

}  // namespace coffer::vault
