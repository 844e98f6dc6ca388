// SPDX-License-Identifier: BSD-2-Clause
//
// Files of the vault on their way out, and where they are.
#pragma once

#include "appliance/http/response.h"
#include "services/vault/vault_context.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// Paths in VaultContext::files. The ids are those of rows, or of the server's own making: they are
// not checked here. The triggers of migration 2 write the same paths.
std::string attachmentFile(std::string_view cipherId, std::string_view attachmentId);
std::string sendFile(std::string_view sendId, std::string_view fileId);

// 200 with the file's bytes, which no cache may keep. Throws NotFound, and warns in the log, when
// a row says that the file is there and it is not.
http::Response fileDownload(const VaultContext& context, const std::string& path);

}  // namespace coffer::vault
