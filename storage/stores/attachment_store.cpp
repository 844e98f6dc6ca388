// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/attachment_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kInsert{"attachments.insert", R"(
    INSERT INTO attachments (id, cipher_id, file_name, key, size, created_at, uploaded_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7))"};
constexpr Sql kFind{"attachments.find", R"(
    SELECT id, file_name, key, size, cipher_id, uploaded_at FROM attachments WHERE id = $1)"};
constexpr Sql kList{"attachments.list", R"(
    SELECT id, file_name, key, size FROM attachments
    WHERE cipher_id = $1 AND uploaded_at IS NOT NULL ORDER BY created_at, rowid)"};
constexpr Sql kMayBeDownloaded{"attachments.may_be_downloaded", R"(
    SELECT 1 FROM attachments a JOIN ciphers c ON c.id = a.cipher_id
    LEFT JOIN users u ON u.id = c.user_id
    WHERE a.id = $2 AND a.cipher_id = $1 AND a.uploaded_at IS NOT NULL
      AND (u.id IS NULL OR u.disabled = 0))"};
// Only the items that have some are looked at (index ciphers_with_attachments).
constexpr Sql kBytes{"attachments.bytes", R"(
    SELECT coalesce(sum(a.size), 0) FROM ciphers c JOIN attachments a ON a.cipher_id = c.id
    WHERE c.user_id = $1 AND c.attachment_count > 0)"};
constexpr Sql kMarkUploaded{"attachments.mark_uploaded", R"(
    UPDATE attachments SET uploaded_at = $4, size = $3
    WHERE id = $2 AND cipher_id = $1 AND uploaded_at IS NULL)"};
constexpr Sql kReseal{"attachments.reseal", R"(
    UPDATE attachments SET file_name = $3, key = coalesce($4, key)
    WHERE id = $2 AND cipher_id = $1)"};
constexpr Sql kRemove{"attachments.remove",
                      "DELETE FROM attachments WHERE id = $2 AND cipher_id = $1"};
constexpr Sql kRemoveAnnounced{"attachments.remove_announced", R"(
    DELETE FROM attachments WHERE id IN (
      SELECT id FROM attachments WHERE uploaded_at IS NULL AND created_at < $1
      ORDER BY created_at LIMIT $2))"};

Attachment readAttachment(const Rows& rows) {
  return {.id = rows.string(0),
          .fileName = rows.string(1),
          .key = rows.optionalString(2),
          .size = static_cast<std::uint64_t>(rows.integer(3))};
}

}  // namespace

void AttachmentStore::insert(std::string_view cipherId, const Attachment& attachment,
                             UnixMicros createdAt, std::optional<UnixMicros> uploadedAt) {
  db_.run(kInsert, attachment.id, cipherId, attachment.fileName, attachment.key, attachment.size,
          createdAt, uploadedAt);
}

std::optional<StoredAttachment> AttachmentStore::find(std::string_view id) {
  auto rows = db_.query(kFind, id);
  if (!rows.next()) return std::nullopt;
  return StoredAttachment{rows.string(4), readAttachment(rows), rows.optionalInteger(5)};
}

std::vector<Attachment> AttachmentStore::list(std::string_view cipherId) {
  std::vector<Attachment> attachments;
  auto rows = db_.query(kList, cipherId);
  while (rows.next()) attachments.push_back(readAttachment(rows));
  return attachments;
}

bool AttachmentStore::mayBeDownloaded(std::string_view cipherId, std::string_view id) {
  return db_.query(kMayBeDownloaded, cipherId, id).next();
}

std::uint64_t AttachmentStore::bytesOf(std::string_view userId) {
  auto rows = db_.query(kBytes, userId);
  return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

bool AttachmentStore::markUploaded(std::string_view cipherId, std::string_view id,
                                   std::uint64_t size, UnixMicros now) {
  return db_.run(kMarkUploaded, cipherId, id, size, now) == 1;
}

bool AttachmentStore::reseal(std::string_view cipherId, std::string_view id,
                             std::string_view fileName, const std::optional<std::string>& key) {
  return db_.run(kReseal, cipherId, id, fileName, key) == 1;
}

bool AttachmentStore::remove(std::string_view cipherId, std::string_view id) {
  return db_.run(kRemove, cipherId, id) == 1;
}

std::int64_t AttachmentStore::removeAnnounced(UnixMicros before, std::size_t most) {
  return db_.run(kRemoveAnnounced, before, most);
}

}  // namespace coffer::storage
