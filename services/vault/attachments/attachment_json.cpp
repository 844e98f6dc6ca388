// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/attachments/attachment_json.h"

#include "services/vault/files/size_name.h"

namespace coffer::vault {

AttachmentLinks::AttachmentLinks(const VaultContext& context, const http::Request& request)
    : links_(context.fileLinks), base_(baseUrl(context, request)), now_(context.clock.now()) {}

std::string AttachmentLinks::url(std::string_view cipherId, std::string_view attachmentId) const {
  std::string url = base_;
  url.append("/attachments/").append(cipherId).append("/").append(attachmentId);
  return url.append("?token=").append(
      links_.sign(FilePurpose::Attachment, cipherId, attachmentId, now_));
}

void writeAttachment(json::Writer& writer, std::string_view cipherId,
                     const storage::Attachment& attachment, const AttachmentLinks& links) {
  writer.beginObject().field("object", "attachment").field("id", attachment.id);
  writer.field("url", links.url(cipherId, attachment.id)).field("fileName", attachment.fileName);
  writer.field("key", attachment.key).field("size", std::to_string(attachment.size));
  writer.field("sizeName", sizeName(attachment.size)).endObject();
}

void writeAttachments(json::Writer& writer, std::string_view cipherId,
                      std::span<const storage::Attachment> attachments,
                      const AttachmentLinks& links) {
  if (attachments.empty()) {
    writer.value(nullptr);
    return;
  }
  writer.beginArray();
  for (const auto& attachment : attachments) writeAttachment(writer, cipherId, attachment, links);
  writer.endArray();
}

}  // namespace coffer::vault
