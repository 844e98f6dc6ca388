// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/folders/folder_rotation.h"

#include "services/vault/accounts/form_fields.h"
#include "storage/stores/folder_store.h"

namespace coffer::vault {
namespace {

struct RotatedFolder {
  std::string id;
  std::string name;
};

// Some clients list "no folder" among the folders, with an empty id.
std::optional<RotatedFolder> readFolder(const json::Object& folder) {
  const auto id = folder.uuid("id");
  if (!id) return std::nullopt;
  return RotatedFolder{*id, readSealed(folder, "name")};
}

}  // namespace

RotationPart folderRotation(const RotationRequest& request) {
  auto sent = readRotationList<RotatedFolder>(request.data, "folders", readFolder);
  return [sent = std::move(sent)](storage::Transaction& tx, const std::string& userId,
                                  UnixMicros now) {
    storage::FolderStore folders(tx);
    const auto id = [](const auto& folder) { return folder.id; };
    requireSameIds(rotationIds(folders.list(userId), id), rotationIds(sent, id), "folders");
    for (const auto& folder : sent) {
      requireReplaced(folders.rename(userId, folder.id, folder.name, now), "a folder");
    }
  };
}

}  // namespace coffer::vault
