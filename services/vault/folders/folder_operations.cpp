// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/folders/folder_operations.h"

#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/ciphers/type_data.h"
#include "services/vault/encstring.h"
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
  return context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    const auto now = context.clock.now();
    storage::Folder folder{randomUuid(), session.userId, name, now, now};
    FolderStore(tx).insert(folder);
    UserStore(tx).bumpRevision(session.userId, now);
    return folder;
  });
}

storage::Folder renameFolder(const VaultContext& context, const Session& session,
                             std::string_view id, std::string name) {
  return context.database.write([&](Transaction& tx) {
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
}

void removeFolder(const VaultContext& context, const Session& session, std::string_view id) {
  context.database.write([&](Transaction& tx) {
    if (!FolderStore(tx).remove(session.userId, id)) throw NotFound(std::string(kNotFoundText));
    UserStore(tx).bumpRevision(session.userId, context.clock.now());
  });
}

void removeFolders(const VaultContext& context, const Session& session,
                   const std::vector<std::string>& ids) {
  context.database.write([&](Transaction& tx) {
    if (!FolderStore(tx).removeMany(session.userId, ids).empty())
      UserStore(tx).bumpRevision(session.userId, context.clock.now());
  });
}

void removeAllFolders(const VaultContext& context, const Session& session) {
  context.database.write([&](Transaction& tx) {
    if (FolderStore(tx).removeAll(session.userId) > 0)
      UserStore(tx).bumpRevision(session.userId, context.clock.now());
  });
}

}  // namespace coffer::vault
