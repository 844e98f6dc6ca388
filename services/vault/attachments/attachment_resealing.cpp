// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/attachments/attachment_resealing.h"

#include "appliance/base/fault.h"
#include "storage/stores/attachment_store.h"

namespace coffer::vault {

void resealAttachments(storage::Transaction& tx, storage::CipherRow& row,
                       std::span<const AttachmentSealing> sealings) {
  storage::AttachmentStore attachments(tx);
  for (const auto& sealing : sealings) {
    const auto stored = attachments.find(sealing.id);
    if (!stored) continue;
    if (stored->cipherId != row.cipher.id)
      throw BadRequest("An attachment belongs to another item.", sealing.id);
    if (!attachments.reseal(row.cipher.id, sealing.id, sealing.fileName, sealing.key)) continue;
    for (auto& attachment : row.attachments) {
      if (attachment.id != sealing.id) continue;
      attachment.fileName = sealing.fileName;
      if (sealing.key) attachment.key = sealing.key;
    }
  }
}

}  // namespace coffer::vault
