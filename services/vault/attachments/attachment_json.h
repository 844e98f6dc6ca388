// SPDX-License-Identifier: BSD-2-Clause
//
// Attachments as clients see them (vault-extras 1.1), and the links to their files. A link is a
// short-lived secret of its own: whoever has it gets the file without logging in, so every answer
// signs new ones.
#pragma once

#include "appliance/http/request.h"
#include "services/vault/files/file_links.h"
#include "services/vault/json/writer.h"
#include "services/vault/vault_context.h"
#include "storage/stores/attachment_store.h"

#include <span>
#include <string>
#include <string_view>

namespace coffer::vault {

// Makes the links of one answer, which all begin to run out at the same time. The context must
// outlive it.
class AttachmentLinks {
 public:
  AttachmentLinks(const VaultContext& context, const http::Request& request);

  std::string url(std::string_view cipherId, std::string_view attachmentId) const;

 private:
  const FileLinks& links_;
  std::string base_;
  UnixMicros now_;
};

void writeAttachment(json::Writer& writer, std::string_view cipherId,
                     const storage::Attachment& attachment, const AttachmentLinks& links);

// The member of an item: a list, or null when there are none.
void writeAttachments(json::Writer& writer, std::string_view cipherId,
                      std::span<const storage::Attachment> attachments,
                      const AttachmentLinks& links);

}  // namespace coffer::vault
