// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_import.h"

#include "appliance/base/random.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/ciphers/cipher_updates.h"
#include "services/vault/folders/folder_operations.h"
#include "services/vault/json/list_reader.h"
#include "storage/database/database.h"
#include "storage/stores/folder_store.h"
#include "storage/stores/user_store.h"

#include <nlohmann/json.hpp>

namespace coffer::vault {
namespace {

std::size_t indexIn(const json::Object& pair, std::string_view name, std::size_t count) {
  const auto index = pair.requiredInteger(name);
  if (index < 0 || static_cast<std::uint64_t>(index) >= count)
    pair.fail(name, "The index is out of range.");
  return static_cast<std::size_t>(index);
}

// The ids of the form's folders, after those that the caller does not have were made.
std::vector<std::string> makeFolders(storage::Transaction& tx, const Session& session,
                                     const ImportForm& form, UnixMicros now) {
  storage::FolderStore folders(tx);
  std::vector<std::string> ids;
  ids.reserve(form.folders.size());
  for (const auto& folder : form.folders) {
    if (folder.id && folders.owns(session.userId, *folder.id)) {
      ids.push_back(*folder.id);
      continue;
    }
    ids.push_back(randomUuid());
    folders.insert({ids.back(), session.userId, folder.name, now, now});
  }
  return ids;
}

}  // namespace

ImportForm ImportForm::parse(std::string_view body, std::size_t maxNotes) {
  ImportForm form;
  const auto rest = json::readList(body, "ciphers", [&](const json::Object& item) {
    form.ciphers.push_back(CipherForm::parse(item, maxNotes));
    (void)form.ciphers.back().resolveType(std::nullopt);
  });
  const json::Object request(rest, "");
  (void)request.array("ciphers");  // Anything but a list there is a fault.
  if (const auto list = request.array("folders")) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto folder = list->object(i);
      form.folders.push_back({folder.uuid("id"), folderName(folder)});
    }
  }
  form.folderOf.resize(form.ciphers.size());
  if (const auto pairs = request.array("folderRelationships")) {
    for (std::size_t i = 0; i < pairs->size(); ++i) {
      const auto pair = pairs->object(i);
      form.folderOf[indexIn(pair, "key", form.ciphers.size())] =
          indexIn(pair, "value", form.folders.size());
    }
  }
  return form;
}

void importVault(const VaultContext& context, const Session& session, const ImportForm& form) {
  for (const auto& item : form.ciphers) requireSealedFor(session, item);
  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    const auto keyId = currentKeyId(tx, session);
    for (const auto& item : form.ciphers) requireSealedBy(keyId, item);
    const auto now = context.clock.now();
    const auto folderIds = makeFolders(tx, session, form, now);
    storage::CipherStore ciphers(tx);
    for (std::size_t i = 0; i < form.ciphers.size(); ++i) {
      const auto& item = form.ciphers[i];
      storage::Cipher cipher;
      cipher.id = randomUuid();
      cipher.userId = session.userId;
      cipher.type = item.resolveType(std::nullopt);
      cipher.body = item.body(cipher.type, item.reprompt.value_or(0));
      cipher.createdAt = cipher.revisedAt = now;
      ciphers.insert(cipher);

      storage::CipherUserState state;
      if (form.folderOf[i]) state.folderId = folderIds[*form.folderOf[i]];
      state.favorite = item.favorite.value_or(false);
      state.archivedAt = item.archivedAt.value_or(std::nullopt);
      if (hasState(state)) (void)ciphers.setUserState(session.userId, cipher.id, state);
    }
    storage::UserStore(tx).bumpRevision(session.userId, now);
  });
  tellOfMany(context, session, UpdateType::Vault);
}

}  // namespace coffer::vault
