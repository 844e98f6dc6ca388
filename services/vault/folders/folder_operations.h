// SPDX-License-Identifier: BSD-2-Clause
//
// Folders: each belongs to one account, and its name is ciphertext. A stranger's folder and a
// missing one look the same. Every write is one transaction, durable when the call returns, and
// moves the account revision. Items stay when their folder goes.
//
// Faults: NotFound. Threads: any; the writes block until the disk has them.
#pragma once

#include "services/vault/json/request_reader.h"
#include "services/vault/vault_context.h"
#include "storage/stores/folder_store.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

// The member `name` of a folder in a request. Throws ModelError for none, one that is no ciphertext
// and one over 1000 characters.
std::string folderName(const json::Object& request);

storage::Folder findFolder(const VaultContext& context, const Session& session,
                           std::string_view id);
std::vector<storage::Folder> listFolders(const VaultContext& context, const Session& session);
storage::Folder createFolder(const VaultContext& context, const Session& session, std::string name);
storage::Folder renameFolder(const VaultContext& context, const Session& session,
                             std::string_view id, std::string name);
void removeFolder(const VaultContext& context, const Session& session, std::string_view id);
// Ids that are not the caller's are ignored.
void removeFolders(const VaultContext& context, const Session& session,
                   const std::vector<std::string>& ids);
void removeAllFolders(const VaultContext& context, const Session& session);

}  // namespace coffer::vault
