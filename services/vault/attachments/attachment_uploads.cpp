// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/attachments/attachment_uploads.h"

#include "appliance/base/bytes.h"
#include "services/vault/attachments/attachment_operations.h"
#include "services/vault/ciphers/cipher_json.h"
#include "services/vault/ciphers/cipher_rules.h"
#include "services/vault/ciphers/cipher_schema.h"
#include "services/vault/encstring.h"
#include "services/vault/files/file_download.h"
#include "services/vault/files/file_upload.h"
#include "services/vault/respond.h"

#include <algorithm>

namespace coffer::vault {
namespace {

// The form's fields beside the file. The name is the one place where a part's file name is used:
// taken as it is, since some libraries cut it and there is no other.
NewAttachment readForm(const UploadedFile& file) {
  NewAttachment attachment;
  attachment.size = file.size;
  attachment.fileName = file.fileName.value_or("");
  if (attachment.fileName.empty()) throw BadRequest("The file has no name.");
  if (attachment.fileName.size() > kMaxName || !isUtf8(attachment.fileName))
    throw BadRequest("The file's name is not a valid encrypted string.");
  const auto* key = file.field("key");
  if (key != nullptr && !key->empty()) {
    if (key->size() > kMaxName || !hasEncStringForm(*key))
      throw BadRequest("The file's key is not a valid encrypted string.");
    attachment.key = *key;
  }
  if (const auto* date = file.field("lastKnownRevisionDate"))
    attachment.lastKnownRevision = parseIsoDate(*date);
  return attachment;
}

}  // namespace

std::unique_ptr<http::BodySink> receiveAnnounced(const VaultContext& context,
                                                 http::Request& request) {
  const auto& session = request.attached<Session>();
  const auto cipherId = toLowerAscii(request.param("id"));
  const auto id = toLowerAscii(request.param("aid"));
  const auto announced = announcedSize(context, session, cipherId, id);
  FileUpload upload;
  upload.path = attachmentFile(cipherId, id);
  upload.maxBytes = std::min(announced + kAttachmentSizeLeeway, context.options.maxAttachmentBytes);
  upload.check = [&context, &session, cipherId, id](const UploadedFile& file) {
    checkUploadedSize(context, session, cipherId, id, file.size);
  };
  upload.complete = [&context, &session, cipherId, id](const UploadedFile& file) {
    completeUpload(context, session, cipherId, id, file.size);
    return done();
  };
  return receiveFile(context, request, std::move(upload));
}

std::unique_ptr<http::BodySink> receiveInOneStep(const VaultContext& context,
                                                 http::Request& request) {
  const auto& session = request.attached<Session>();
  const auto cipherId = toLowerAscii(request.param("id"));
  mayAttach(context, session, cipherId);
  const auto id = newAttachmentId();
  FileUpload upload;
  upload.path = attachmentFile(cipherId, id);
  upload.maxBytes = context.options.maxAttachmentBytes;
  upload.check = [](const UploadedFile& file) { (void)readForm(file); };
  upload.complete = [&context, &session, &request, cipherId, id](const UploadedFile& file) {
    const auto row = addAttachment(context, session, cipherId, id, readForm(file));
    std::string item;
    appendCipher(item, viewOf(row), dialectOf(request), {context, request});
    return http::Response::json(std::move(item));
  };
  return receiveFile(context, request, std::move(upload));
}

std::unique_ptr<http::BodySink> refuseUpload(const VaultContext&, http::Request&) {
  throw NotFound(std::string(kNotFoundText));
}

}  // namespace coffer::vault
