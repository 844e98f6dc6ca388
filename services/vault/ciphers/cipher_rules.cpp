// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_rules.h"

#include "appliance/base/fault.h"
#include "storage/stores/folder_store.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {

storage::CipherRow visibleCipher(storage::Transaction& tx, std::string_view userId,
                                 std::string_view id) {
  auto row = storage::CipherStore(tx).find(userId, id);
  if (!row) throw NotFound(std::string(kNotFoundText));
  return std::move(*row);
}

void requireEdit(const storage::CipherRow& row) {
  if (!row.access.edit) throw BadRequest("You do not have permissions to edit this.");
}

void requireOwnFolder(storage::Transaction& tx, std::string_view userId,
                      const std::optional<std::string>& folderId) {
  if (folderId && !storage::FolderStore(tx).owns(userId, *folderId))
    throw BadRequest("Invalid folder.");
}

void requireSealedFor(const Session& session, const CipherForm& form) {
  if (form.encryptedFor && *form.encryptedFor != session.userId)
    throw BadRequest("Cipher was not encrypted for the current user. Please try again.");
}

std::optional<std::string> currentKeyId(storage::Transaction& tx, const Session& session) {
  const auto user = storage::UserStore(tx).findById(session.userId);
  return user ? user->userKeyId : std::nullopt;
}

void requireSealedBy(const std::optional<std::string>& keyId, const CipherForm& form) {
  if (!keyId || !form.encryptedByKeyId || form.organizationId) return;
  if (*form.encryptedByKeyId != *keyId)
    throw BadRequest("Cipher was not encrypted with the current user key. Please try again.");
}

void requireSealedByCurrentKey(storage::Transaction& tx, const Session& session,
                               const CipherForm& form) {
  if (form.encryptedByKeyId) requireSealedBy(currentKeyId(tx, session), form);
}

// The stored body is ours: the member is written so, with its list, when there are any.
void requireNoPasskeys(const storage::Cipher& stored) {
  if (stored.body.find(R"("fido2Credentials":[{)") == std::string::npos) return;
  throw BadRequest("Cannot edit item. Update to the latest version of Bitwarden and try again.");
}

void requireUpToDate(std::optional<UnixMicros> lastKnownRevision, const storage::Cipher& stored) {
  if (lastKnownRevision && stored.revisedAt - *lastKnownRevision > kSecond)
    throw BadRequest(
        "The item cannot be saved because it is out of date. To edit this item, first sync your "
        "vault, or log out and back in.");
}

}  // namespace coffer::vault
