// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/incomplete_logins.h"

#include "appliance/base/log.h"
#include "services/vault/devices/device_types.h"
#include "services/vault/mail/mailer.h"
#include "storage/database/database.h"
#include "storage/stores/incomplete_login_store.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace coffer::vault {
namespace {

constexpr std::size_t kBatch = 100;  // Of one transaction.

bool isOn(const VaultContext& context) {
  return context.options.incompleteLoginNotice.count() > 0 && context.mailer.isEnabled();
}

struct Notice {
  storage::IncompleteLogin login;
  RenderedMail mail;
  std::string email;
};

Notice makeNotice(const VaultContext& context, const storage::IncompleteLogin& login,
                  const std::string& email) {
  using std::chrono::duration_cast;
  using std::chrono::minutes;
  const auto limit = duration_cast<minutes>(context.options.incompleteLoginNotice);
  return {login,
          context.mailer.render(
              {MailKind::IncompleteLogin,
               email,
               {{"ip", login.ipAddress},
                {"device_name", login.deviceName},
                {"device_type", std::string(deviceTypeName(login.deviceType))},
                {"datetime", formatHttpDate(login.createdAt)},
                {"minutes", std::to_string(std::max<std::int64_t>(1, limit.count()))}}}),
          email};
}

std::vector<Notice> dueNotices(const VaultContext& context) {
  const UnixMicros before =
      context.clock.now() -
      std::chrono::microseconds(context.options.incompleteLoginNotice).count();
  using Due = std::vector<std::pair<storage::IncompleteLogin, std::string>>;
  const auto due = context.database.read([&](storage::Transaction& tx) {
    Due found;
    for (auto& login : storage::IncompleteLoginStore(tx).listBefore(before, kBatch)) {
      if (auto user = storage::UserStore(tx).findById(login.userId)) {
        found.emplace_back(std::move(login), std::move(user->email));
      }
    }
    return found;
  });
  std::vector<Notice> notices;
  for (const auto& [login, email] : due) notices.push_back(makeNotice(context, login, email));
  return notices;
}

// False when the login was completed, or told of by somebody else, since it was listed.
bool sendOnce(const VaultContext& context, storage::Transaction& tx, const Notice& notice) {
  if (!storage::IncompleteLoginStore(tx).removeIfFrom(notice.login)) return false;
  context.mailer.enqueue(tx, notice.mail);
  return true;
}

}  // namespace

void recordIncompleteLogin(const VaultContext& context, const FactorLogin& login) {
  if (!isOn(context)) return;
  const storage::IncompleteLogin record{
      login.user.id,     login.device.identifier,       login.device.name,
      login.device.type, login.request.clientAddress(), context.clock.now()};
  context.database.write(
      [&](storage::Transaction& tx) { storage::IncompleteLoginStore(tx).recordFirst(record); });
}

void forgetIncompleteLogin(storage::Transaction& tx, std::string_view userId,
                           std::string_view device) {
  storage::IncompleteLoginStore(tx).remove(userId, device);
}

std::uint64_t noticeIncompleteLogins(const VaultContext& context) {
  if (!isOn(context)) return 0;
  std::uint64_t total = 0;
  for (auto due = dueNotices(context); !due.empty(); due = dueNotices(context)) {
    std::vector<const Notice*> sent;
    context.database.write([&](storage::Transaction& tx) {
      for (const auto& notice : due) {
        if (sendOnce(context, tx, notice)) sent.push_back(&notice);
      }
    });
    context.mailer.sendSoon();
    for (const auto* notice : sent) {
      log::info("vault",
                "User " + notice->email +
                    " did not complete a 2FA login within the configured time limit. IP: " +
                    notice->login.ipAddress);
    }
    total += sent.size();
  }
  return total;
}

}  // namespace coffer::vault
