// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/ciphers/cipher_operations.h"

#include "appliance/base/random.h"
#include "services/vault/attachments/attachment_resealing.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/ciphers/cipher_updates.h"
#include "storage/database/database.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {
namespace {

void applyState(storage::CipherUserState& state, const CipherForm& form) {
  state.folderId = form.folderId;
  if (form.favorite) state.favorite = *form.favorite;
  if (form.archivedAt) state.archivedAt = *form.archivedAt;
}

// The writes below follow a find() in the same transaction: a row that is gone by then is a fault
// of the program's own.
void mustHaveChanged(bool changed) {
  if (!changed) throw Fault(FaultKind::Internal, "", "an item vanished inside its transaction");
}

}  // namespace

storage::CipherRow findCipher(const VaultContext& context, const Session& session,
                              std::string_view id) {
  return context.database.read(
      [&](storage::Transaction& tx) { return visibleCipher(tx, session.userId, id); });
}

storage::CipherRow createCipher(const VaultContext& context, const Session& session,
                                const CipherForm& form) {
  requireSealedFor(session, form);
  if (form.organizationId) throw NotFound(std::string(kNotFoundText));

  storage::CipherRow row;
  row.cipher.id = randomUuid();
  row.cipher.userId = session.userId;
  row.cipher.type = form.resolveType(std::nullopt);
  row.cipher.body = form.body(row.cipher.type, form.reprompt.value_or(0));
  applyState(row.state, form);

  context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    requireSealedByCurrentKey(tx, session, form);
    requireOwnFolder(tx, session.userId, form.folderId);
    const auto now = context.clock.now();
    row.cipher.createdAt = row.cipher.revisedAt = now;
    storage::CipherStore ciphers(tx);
    ciphers.insert(row.cipher);
    if (hasState(row.state))
      mustHaveChanged(ciphers.setUserState(session.userId, row.cipher.id, row.state));
    storage::UserStore(tx).bumpRevision(session.userId, now);
  });
  tellOfItem(context, session, UpdateType::CipherCreate, row.cipher);
  return row;
}

storage::CipherRow updateCipher(const VaultContext& context, const Session& session,
                                std::string_view id, const CipherForm& form, bool knowsPasskeys) {
  requireSealedFor(session, form);
  auto changed = context.database.write([&](storage::Transaction& tx) {
    requireOngoing(tx, session);
    auto row = visibleCipher(tx, session.userId, id);
    requireEdit(row);
    if (!knowsPasskeys) requireNoPasskeys(row.cipher);
    if (form.organizationId != row.cipher.organizationId)
      throw BadRequest(
          "Organization mismatch. Re-sync if you recently moved this item, then try again.");
    requireUpToDate(form.lastKnownRevision, row.cipher);
    requireSealedByCurrentKey(tx, session, form);
    requireOwnFolder(tx, session.userId, form.folderId);

    const auto now = context.clock.now();
    auto& cipher = row.cipher;
    cipher.type = form.resolveType(cipher.type);
    cipher.body = form.body(cipher.type, form.reprompt.value_or(repromptOf(cipher.body)));
    cipher.revisedAt = nextRevision(cipher.revisedAt, now);
    applyState(row.state, form);

    storage::CipherStore ciphers(tx);
    mustHaveChanged(ciphers.update(session.userId, id, cipher.type, cipher.body, cipher.revisedAt));
    mustHaveChanged(ciphers.setUserState(session.userId, id, row.state));
    resealAttachments(tx, row, form.attachments);
    storage::UserStore(tx).bumpRevision(session.userId, now);
    return row;
  });
  tellOfItem(context, session, UpdateType::CipherUpdate, changed.cipher);
  return changed;
}

storage::CipherRow setFolderAndFavorite(const VaultContext& context, const Session& session,
                                        std::string_view id,
                                        const std::optional<std::string>& folderId, bool favorite) {
  auto changed = context.database.write([&](storage::Transaction& tx) {
    auto row = visibleCipher(tx, session.userId, id);
    requireOwnFolder(tx, session.userId, folderId);
    row.state.folderId = folderId;
    row.state.favorite = favorite;
    mustHaveChanged(storage::CipherStore(tx).setUserState(session.userId, id, row.state));
    storage::UserStore(tx).bumpRevision(session.userId, context.clock.now());
    return row;
  });
  tellOwnDevices(context, session, changed.cipher);
  return changed;
}

}  // namespace coffer::vault
