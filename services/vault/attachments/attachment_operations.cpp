// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/attachments/attachment_operations.h"

#include "appliance/base/random.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/ciphers/cipher_updates.h"
#include "services/vault/ciphers/type_data.h"
#include "services/vault/encstring.h"
#include "services/vault/files/removed_files.h"
#include "storage/database/database.h"
#include "storage/stores/attachment_store.h"
#include "storage/stores/user_store.h"

#include <algorithm>

namespace coffer::vault {
namespace {

using storage::AttachmentStore;
using storage::Transaction;

constexpr std::size_t kIdBytes = 10;
constexpr std::string_view kUploadedAlready = "The file has been uploaded already.";

std::string readSealedText(const json::Object& form, std::string_view name) {
  const auto text = form.requiredString(name);
  if (!hasEncStringForm(text)) form.fail(name, "Not a valid encrypted string.");
  checkLength(form, name, text, kMaxName);
  return std::string(text);
}

storage::CipherRow changeableCipher(Transaction& tx, const Session& session,
                                    std::string_view cipherId) {
  auto row = visibleCipher(tx, session.userId, cipherId);
  requireEdit(row);
  return row;
}

storage::StoredAttachment attachmentOf(Transaction& tx, const storage::CipherRow& row,
                                       std::string_view id) {
  auto stored = AttachmentStore(tx).find(id);
  if (!stored || stored->cipherId != row.cipher.id) throw NotFound(std::string(kNotFoundText));
  return std::move(*stored);
}

void requireAllowed(const VaultOptions& options) {
  if (!options.attachments) throw BadRequest("Attachments are disabled.");
}

// `used` counts what is announced; of this file only what it is larger than announced.
void requireRoom(const VaultContext& context, Transaction& tx, const storage::CipherRow& row,
                 std::uint64_t more) {
  const auto quota = context.options.attachmentQuota;
  if (quota == 0 || more == 0) return;
  const auto used = AttachmentStore(tx).bytesOf(row.cipher.userId.value_or(""));
  if (used >= quota || more > quota - used) throw BadRequest("Not enough storage available.");
}

void requireSize(const VaultOptions& options, std::uint64_t size) {
  if (size == 0) throw BadRequest("The file is empty.");
  if (size > options.maxAttachmentBytes) throw BadRequest("Max file size exceeded.");
}

// What everybody who sees the item keeps of it is out of date.
void reviseItem(const VaultContext& context, Transaction& tx, const Session& session,
                storage::CipherRow& row) {
  const auto now = context.clock.now();
  auto& cipher = row.cipher;
  cipher.revisedAt = nextRevision(cipher.revisedAt, now);
  if (!storage::CipherStore(tx).update(session.userId, cipher.id, cipher.type, cipher.body,
                                       cipher.revisedAt))
    throw Fault(FaultKind::Internal, "", "an item vanished inside its transaction");
  storage::UserStore(tx).bumpRevision(session.userId, now);
}

storage::CipherRow insert(const VaultContext& context, Transaction& tx, const Session& session,
                          std::string_view cipherId, const storage::Attachment& attachment,
                          const NewAttachment& form, Stage stage) {
  requireOngoing(tx, session);
  auto row = changeableCipher(tx, session, cipherId);
  requireUpToDate(form.lastKnownRevision, row.cipher);
  requireRoom(context, tx, row, form.size);
  const auto now = context.clock.now();
  AttachmentStore(tx).insert(cipherId, attachment, now,
                             stage == Stage::Uploaded ? std::optional(now) : std::nullopt);
  reviseItem(context, tx, session, row);
  row.attachments.push_back(attachment);
  return row;
}

storage::Attachment attachmentFrom(const NewAttachment& form, std::string id) {
  return {.id = std::move(id), .fileName = form.fileName, .key = form.key, .size = form.size};
}

}  // namespace

NewAttachment readAnnouncement(const json::Object& form) {
  NewAttachment attachment;
  attachment.fileName = readSealedText(form, "fileName");
  attachment.key = readSealedText(form, "key");
  const auto size = form.requiredInteger("fileSize");
  if (size < 1) form.fail("fileSize", "The file is empty.");
  attachment.size = static_cast<std::uint64_t>(size);
  attachment.lastKnownRevision = form.date("lastKnownRevisionDate");
  return attachment;
}

AddedAttachment announceAttachment(const VaultContext& context, const Session& session,
                                   std::string_view cipherId, const NewAttachment& form) {
  requireAllowed(context.options);
  requireSize(context.options, form.size);
  const auto attachment = attachmentFrom(form, newAttachmentId());
  auto row = context.database.write([&](Transaction& tx) {
    return insert(context, tx, session, cipherId, attachment, form, Stage::Announced);
  });
  return {std::move(row), attachment.id};
}

std::uint64_t announcedSize(const VaultContext& context, const Session& session,
                            std::string_view cipherId, std::string_view id) {
  return context.database.read([&](Transaction& tx) {
    const auto stored = attachmentOf(tx, changeableCipher(tx, session, cipherId), id);
    if (stored.uploadedAt) throw BadRequest(std::string(kUploadedAlready));
    return stored.attachment.size;
  });
}

void checkUploadedSize(const VaultContext& context, const Session& session,
                       std::string_view cipherId, std::string_view id, std::uint64_t size) {
  const auto announced = announcedSize(context, session, cipherId, id);
  const auto difference = std::max(announced, size) - std::min(announced, size);
  if (size > 0 && difference <= kAttachmentSizeLeeway) return;
  context.database.write([&](Transaction& tx) {
    const auto row = changeableCipher(tx, session, cipherId);
    // Another upload may have brought the file meanwhile.
    if (attachmentOf(tx, row, id).uploadedAt) throw BadRequest(std::string(kUploadedAlready));
    if (AttachmentStore(tx).remove(row.cipher.id, id))
      storage::UserStore(tx).bumpRevision(session.userId, context.clock.now());
  });
  throw BadRequest("The file does not have the announced size.",
                   std::to_string(size) + " instead of " + std::to_string(announced) + " bytes");
}

void completeUpload(const VaultContext& context, const Session& session, std::string_view cipherId,
                    std::string_view id, std::uint64_t size) {
  auto changed = context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    auto row = changeableCipher(tx, session, cipherId);
    const auto announced = attachmentOf(tx, row, id).attachment.size;
    requireRoom(context, tx, row, size > announced ? size - announced : 0);
    const auto now = context.clock.now();
    if (!AttachmentStore(tx).markUploaded(cipherId, id, size, now))
      throw BadRequest(std::string(kUploadedAlready));
    storage::UserStore(tx).bumpRevision(session.userId, now);
    return row.cipher;
  });
  // The item keeps the revision that the uploading client has; to the others this is news.
  changed.revisedAt = nextRevision(changed.revisedAt, context.clock.now());
  tellOfItem(context, session, UpdateType::CipherUpdate, changed);
}

std::string newAttachmentId() { return toHex(randomBytes(kIdBytes)); }

void mayAttach(const VaultContext& context, const Session& session, std::string_view cipherId) {
  requireAllowed(context.options);
  context.database.read([&](Transaction& tx) {
    requireRoom(context, tx, changeableCipher(tx, session, cipherId), 1);
  });
}

storage::CipherRow addAttachment(const VaultContext& context, const Session& session,
                                 std::string_view cipherId, std::string_view id,
                                 const NewAttachment& form) {
  requireSize(context.options, form.size);
  const auto attachment = attachmentFrom(form, std::string(id));
  auto row = context.database.write([&](Transaction& tx) {
    return insert(context, tx, session, cipherId, attachment, form, Stage::Uploaded);
  });
  tellOfItem(context, session, UpdateType::CipherUpdate, row.cipher);
  return row;
}

storage::Attachment findAttachment(const VaultContext& context, const Session& session,
                                   std::string_view cipherId, std::string_view id, Stage stage) {
  return context.database.read([&](Transaction& tx) {
    auto stored = attachmentOf(tx, visibleCipher(tx, session.userId, cipherId), id);
    if (stored.uploadedAt.has_value() != (stage == Stage::Uploaded))
      throw NotFound(std::string(kNotFoundText));
    return std::move(stored.attachment);
  });
}

storage::CipherRow removeAttachment(const VaultContext& context, const Session& session,
                                    std::string_view cipherId, std::string_view id) {
  auto row = context.database.write([&](Transaction& tx) {
    requireOngoing(tx, session);
    auto changed = changeableCipher(tx, session, cipherId);
    if (!AttachmentStore(tx).remove(attachmentOf(tx, changed, id).cipherId, id))
      throw NotFound(std::string(kNotFoundText));
    std::erase_if(changed.attachments, [&](const auto& other) { return other.id == id; });
    reviseItem(context, tx, session, changed);
    return changed;
  });
  tellOfItem(context, session, UpdateType::CipherUpdate, row.cipher);
  removeFilesOfRemovedRows(context);
  return row;
}

}  // namespace coffer::vault
