// SPDX-License-Identifier: BSD-2-Clause
//
// Sends as clients see them: the owner's (vault-extras 2.3) and the reader's (2.9).
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/send_store.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::vault {

void writeSend(json::Writer& writer, const storage::Send& send);

// The answer to an announced file, with where to send its bytes.
void writeFileUpload(json::Writer& writer, const storage::Send& send);

// Without the key, which the link holds, and without what is the owner's alone.
void writeSendAccess(json::Writer& writer, const storage::SharedSend& shared);
void writeFileDownload(json::Writer& writer, std::string_view fileId, std::string_view url);

// What is stored as `data` of a file.
std::string fileData(std::string_view fileId, std::string_view fileName, std::uint64_t size);

}  // namespace coffer::vault
