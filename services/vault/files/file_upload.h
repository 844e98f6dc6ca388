// SPDX-License-Identifier: BSD-2-Clause
//
// One file of the vault on its way to the disk: a multipart form (vault-extras 1.2, 1.3, 2.8) whose
// part `data` is streamed into the blob store and whose other parts are small fields.
//
//   return receiveFile(context, request, {.path = attachmentFile(cipher, id), .maxBytes = limit,
//       .complete = [&context, …](const UploadedFile& file) { …one write… return done(); }});
//
// Order: the file is made durable first, its row is written next. A failure between the two, or a
// row that is refused, leaves no row and takes the file away again; a crash leaves a file that no
// row knows, which the sweep removes. An upload that ends early leaves nothing at all.
#pragma once

#include "appliance/http/request.h"
#include "appliance/http/response.h"
#include "appliance/http/route.h"
#include "services/vault/vault_context.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::vault {

// What a route for `maxFileBytes` must let through: the form around the file as well.
constexpr http::BodyLimit uploadLimit(std::uint64_t maxFileBytes) {
  return {maxFileBytes + 256 * KiB};
}

// Of all fields beside the file together, names included.
constexpr std::size_t kMaxUploadFields = 128 * KiB;

struct UploadedFile {
  // The first field of that name; null when the form has none.
  const std::string* field(std::string_view name) const;

  std::uint64_t size = 0;
  // What the part's `filename` says, undecoded: clients cut or replace it, so it is not a name to
  // use, but in the one-step upload it is the sealed name itself. Nothing when there is none.
  std::optional<std::string> fileName;
  std::vector<std::pair<std::string, std::string>> fields;
};

struct FileUpload {
  std::string path;            // As attachmentFile() or sendFile() makes it; must not be in use.
  std::uint64_t maxBytes = 0;  // More is refused at once, with tooLarge.
  std::string tooLarge = "Max file size exceeded.";
  // On the disk lane, before the file is flushed: a cheap place to refuse. May be empty.
  std::function<void(const UploadedFile&)> check = {};
  // On the disk lane, the file being durable: writes the row in one transaction and answers. When
  // it throws, the file is removed, unless the row is there.
  std::function<http::Response(const UploadedFile&)> complete = {};
};

// Throws BadRequest for a request that is no form, or that announces more than may come.
// `complete` and `check` may keep references to the context and the request.
std::unique_ptr<http::BodySink> receiveFile(const VaultContext& context,
                                            const http::Request& request, FileUpload upload);

}  // namespace coffer::vault
