// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "services/vault/ciphers/cipher_form.h"
#include "storage/stores/cipher_store.h"

#include <span>

namespace coffer::vault {

// Gives attachments of the item new names and keys, in `row` too, as a change of the item or of the
// user key brings them (vault-extras 1.5). Ids of no attachment are skipped: it may have been
// removed meanwhile. Throws BadRequest for one of another item.
void resealAttachments(storage::Transaction& tx, storage::CipherRow& row,
                       std::span<const AttachmentSealing> sealings);

}  // namespace coffer::vault
