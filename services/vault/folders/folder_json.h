// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/folder_store.h"

namespace coffer::vault {

// The folder as clients see it (vault-core 7.1), in answers of its own and in sync.
inline void writeFolder(json::Writer& writer, const storage::Folder& folder) {
  writer.beginObject().field("id", folder.id).field("name", folder.name);
  writer.dateField("revisionDate", folder.revisedAt).field("object", "folder").endObject();
}

}  // namespace coffer::vault
