// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/account_updates.h"

#include "services/vault/notifications/notifier.h"

namespace coffer::vault {
namespace {

void tell(const VaultContext& context, UpdateType type, const storage::User& user,
          const std::string& actingDevice) {
  Update update;
  update.type = type;
  update.userId = user.id;
  update.actingDevice = actingDevice;
  update.date = user.revisedAt;
  context.notifier.notify(update);
}

}  // namespace

void tellOfLogOut(const VaultContext& context, const storage::User& user,
                  const std::string& actingDevice) {
  tell(context, UpdateType::LogOut, user, actingDevice);
}

void tellOfSettings(const VaultContext& context, const storage::User& user,
                    const std::string& actingDevice) {
  tell(context, UpdateType::Settings, user, actingDevice);
}

}  // namespace coffer::vault
