// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/file_walk.h"

#include "services/vault/files/file_download.h"
#include "storage/blobs/folder_reader.h"

#include <utility>

namespace coffer::vault {
namespace {

using storage::FolderReader;

void walkOwner(FolderReader& reader, const std::string& owner,
               const std::function<void(const FileOnDisk&)>& visit) {
  FolderReader::Entry entry;
  while (reader.next(entry)) {
    if (entry.name.find(storage::kTempMark) != std::string_view::npos) continue;
    const auto info = reader.statFile(entry);
    if (info) visit({owner, std::string(entry.name), info->size, info->modified});
  }
}

}  // namespace

std::string_view folderOf(storage::FileKind kind) {
  return kind == storage::FileKind::Attachment ? "attachments" : "sends";
}

std::string pathOf(storage::FileKind kind, std::string_view owner, std::string_view id) {
  return kind == storage::FileKind::Attachment ? attachmentFile(owner, id) : sendFile(owner, id);
}

void walkFiles(const storage::BlobStore& files, storage::FileKind kind,
               const std::function<void(const FileOnDisk&)>& visit,
               const std::function<void(const FolderOnDisk&)>& leave) {
  const std::string top(folderOf(kind));
  UniqueFd folder = files.openFolder(top);
  if (!folder) return;
  FolderReader reader(std::move(folder));
  FolderReader::Entry entry;
  while (reader.next(entry)) {
    if (!reader.isFolder(entry, storage::Links::Refused)) continue;
    const std::string owner(entry.name);
    UniqueFd inner = files.openFolder(top + "/" + owner);
    if (!inner) continue;
    FolderReader innerReader(std::move(inner));
    const UnixMicros modified = innerReader.modified();
    walkOwner(innerReader, owner, visit);
    if (leave) leave({owner, modified});
  }
}

}  // namespace coffer::vault
