// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/folders/folder_operations.h"

#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/ciphers/type_data.h"
#include "services/vault/encstring.h"
#include "services/vault/notifications/notifier.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

#include <utility>

namespace coffer::vault {

using storage::FolderStore;
using storage::Transaction;
using storage::UserStore;

namespace {

storage::Folder ownFolder(Transaction& tx, const Session& session, std::string_view id) {
  auto folder = FolderStore(tx).find(session.userId, id);
  if (!folder) throw NotFound(std::string(kNotFoundText));
  return std::move(*folder);
}

void tell(const VaultContext& context, const Session& session, UpdateType type, std::string_view id,
          UnixMicros revisedAt) {
  Update update;
  update.type = type;
  update.userId = session.userId;
  update.actingDevice = session.deviceIdentifier;
  update.id = id;
  update.date = revisedAt;
  context.notifier.notify(update);
}

}  // namespace

std::string folderName(const json::Object& request) {
  const auto name = request.requiredString("name");
  if (!hasEncStringForm(name)) request.fail("name", "Name is not a valid encrypted string.");
  checkLength(request, "name", name, kMaxFolderName);
  return std::string(name);
}

storage::Folder findFolder(const VaultContext& context, const Session& session,
                           std::string_view id) {
  return context.database.read([&](Transaction& tx) { return ownFolder(tx, session, id); });
}

std::vector<storage::Folder> listFolders(const VaultContext& context, const Session& session) {
  return context.database.read(
      [&](Transaction& tx) { return FolderStore(tx).list(session.userId); });
}

storage::Folder createFolder(const VaultContext& context, const Session& session,
                             std::string name) {
  auto made = context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    const auto now = context.clock.now();
    storage::Folder folder{randomUuid(), session.userId, name, now, now};
    FolderStore(tx).insert(folder);
    UserStore(tx).bumpRevision(session.userId, now);
    return folder;
  });
  tell(context, session, UpdateType::FolderCreate, made.id, made.revisedAt);
  return made;
}

storage::Folder renameFolder(const VaultContext& context, const Session& session,
                             std::string_view id, std::string name) {
  auto renamed = context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    auto folder = ownFolder(tx, session, id);
    const auto now = context.clock.now();
    folder.name = name;
    folder.revisedAt = nextRevision(folder.revisedAt, now);
    if (!FolderStore(tx).rename(session.userId, folder.id, folder.name, folder.revisedAt))
      throw NotFound(std::string(kNotFoundText));
    UserStore(tx).bumpRevision(session.userId, now);
    return folder;
  });
  tell(context, session, UpdateType::FolderUpdate, renamed.id, renamed.revisedAt);
  return renamed;
}

void removeFolder(const VaultContext& context, const Session& session, std::string_view id) {
  const auto now = context.clock.now();
  context.database.write([&](Transaction& tx) {
    if (!FolderStore(tx).remove(session.userId, id)) throw NotFound(std::string(kNotFoundText));
    UserStore(tx).bumpRevision(session.userId, now);
  });
  tell(context, session, UpdateType::FolderDelete, id, now);
}

void removeFolders(const VaultContext& context, const Session& session,
                   const std::vector<std::string>& ids) {
  const auto now = context.clock.now();
  const auto removed = context.database.write([&](Transaction& tx) {
    auto gone = FolderStore(tx).removeMany(session.userId, ids);
    if (!gone.empty()) UserStore(tx).bumpRevision(session.userId, now);
    return gone;
  });
  for (const auto& id : removed) tell(context, session, UpdateType::FolderDelete, id, now);
}

void removeAllFolders(const VaultContext& context, const Session& session) {
  const auto now = context.clock.now();
  const bool isAny = context.database.write([&](Transaction& tx) {
    const bool removed = FolderStore(tx).removeAll(session.userId) > 0;
    if (removed) UserStore(tx).bumpRevision(session.userId, now);
    return removed;
  });
  if (isAny) tell(context, session, UpdateType::Vault, {}, now);
}

}  // namespace coffer::vault
