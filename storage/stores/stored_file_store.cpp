// SPDX-License-Identifier: BSD-2-Clause
#include "storage/stores/stored_file_store.h"

#include "storage/database/connection.h"

namespace coffer::storage {
namespace {

constexpr Sql kFindAttachment{"stored_files.attachment", R"(
    SELECT cipher_id, id, size, uploaded_at IS NOT NULL FROM attachments
    WHERE id = $2 AND cipher_id = $1)"};
constexpr Sql kFindSend{"stored_files.send", R"(
    SELECT id, file_id, coalesce(file_size, 0), uploaded_at IS NOT NULL FROM sends
    WHERE id = $1 AND file_id = $2)"};
constexpr Sql kCipherExists{"stored_files.cipher_exists", "SELECT 1 FROM ciphers WHERE id = $1"};
constexpr Sql kSendExists{"stored_files.send_exists", "SELECT 1 FROM sends WHERE id = $1"};
constexpr Sql kAttachments{"stored_files.attachments", R"(
    SELECT cipher_id, id, size, 1 FROM attachments
    WHERE id > $1 AND uploaded_at IS NOT NULL ORDER BY id LIMIT $2)"};
constexpr Sql kSends{"stored_files.sends", R"(
    SELECT id, file_id, coalesce(file_size, 0), 1 FROM sends
    WHERE id > $1 AND file_id IS NOT NULL AND uploaded_at IS NOT NULL ORDER BY id LIMIT $2)"};

StoredFile readFile(const Rows& rows) {
  return {.owner = rows.string(0),
          .id = rows.string(1),
          .size = static_cast<std::uint64_t>(rows.integer(2)),
          .isUploaded = rows.boolean(3)};
}

}  // namespace

std::optional<StoredFile> StoredFileStore::find(FileKind kind, std::string_view owner,
                                                std::string_view id) {
  auto rows = db_.query(kind == FileKind::Attachment ? kFindAttachment : kFindSend, owner, id);
  if (!rows.next()) return std::nullopt;
  return readFile(rows);
}

bool StoredFileStore::ownerExists(FileKind kind, std::string_view owner) {
  return db_.query(kind == FileKind::Attachment ? kCipherExists : kSendExists, owner).next();
}

std::vector<StoredFile> StoredFileStore::page(FileKind kind, std::string_view after,
                                              std::size_t most) {
  std::vector<StoredFile> files;
  auto rows = db_.query(kind == FileKind::Attachment ? kAttachments : kSends, after,
                        static_cast<std::int64_t>(most));
  while (rows.next()) files.push_back(readFile(rows));
  return files;
}

}  // namespace coffer::storage
