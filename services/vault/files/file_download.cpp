// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/file_download.h"

#include "appliance/base/fault.h"
#include "appliance/base/log.h"
#include "storage/blobs/blob_store.h"

#include <utility>

namespace coffer::vault {
namespace {

std::string joined(std::string_view folder, std::string_view owner, std::string_view file) {
  return std::string(folder).append("/").append(owner).append("/").append(file);
}

}  // namespace

std::string attachmentFile(std::string_view cipherId, std::string_view attachmentId) {
  return joined("attachments", cipherId, attachmentId);
}

std::string sendFile(std::string_view sendId, std::string_view fileId) {
  return joined("sends", sendId, fileId);
}

http::Response fileDownload(const VaultContext& context, const std::string& path) {
  auto blob = context.files.open(path);
  if (!blob) {
    log::warning("vault", "a file is missing; see `coffer check`", {{"file", path}});
    throw NotFound("Resource not found.", path);
  }
  const auto size = blob->info.size;
  return http::Response::file({std::move(blob->file), 0, size}, "application/octet-stream")
      .header("Cache-Control", "private, no-store");
}

}  // namespace coffer::vault
