// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_updates.h"

namespace coffer::vault {
namespace {

Update itemUpdate(const Session& session, UpdateType type, const storage::Cipher& item) {
  Update update;
  update.type = type;
  update.userId = session.userId;
  update.actingDevice = session.deviceIdentifier;
  update.id = item.id;
  update.organizationId = item.organizationId.value_or("");
  update.date = item.revisedAt;
  return update;
}

}  // namespace

void tellOfItem(const VaultContext& context, const Session& session, UpdateType type,
                const storage::Cipher& item) {
  context.notifier.notify(itemUpdate(session, type, item));
}

void tellOwnDevices(const VaultContext& context, const Session& session,
                    const storage::Cipher& item) {
  context.notifier.notify(itemUpdate(session, UpdateType::CipherUpdate, item));
}

void tellOfMany(const VaultContext& context, const Session& session, UpdateType type) {
  Update update;
  update.type = type;
  update.userId = session.userId;
  update.actingDevice = session.deviceIdentifier;
  update.date = context.clock.now();
  context.notifier.notify(update);
}

}  // namespace coffer::vault
