// SPDX-License-Identifier: BSD-2-Clause
//
// The item as clients see it (vault-core 6.2): always the details form, whatever the route. The
// stored body is spliced in between what is kept in columns; nothing stored is parsed, but for the
// Documented dialect.
#pragma once

#include "services/vault/attachments/attachment_json.h"
#include "services/vault/casing.h"
#include "storage/stores/cipher_store.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// Appends one item's JSON object, its attachments with links that open for some minutes.
void appendCipher(std::string& out, const storage::CipherView& cipher, Dialect dialect,
                  const AttachmentLinks& links);

// The same row as a view of itself; it must not outlive `row`.
storage::CipherView viewOf(const storage::CipherRow& row);

}  // namespace coffer::vault
