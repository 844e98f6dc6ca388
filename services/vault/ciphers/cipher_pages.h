// SPDX-License-Identifier: BSD-2-Clause
//
// All items of a user as JSON, made while they are sent: pages of about 64 KiB, each read in its
// own short transaction, so that a vault of any size takes constant memory and holds no reader
// back.
//
// What a write in between does: pages follow the order of creation, so no item comes twice and a
// new one comes last or not at all; an item that changes is sent as it was or as it is; one that is
// deleted may already have been sent. Clients are safe because every write moves the account
// revision beyond the time at which their sync began, so their next one fetches again
// (vault-core 5.1). A vault that fits the first page is one snapshot.
#pragma once

#include "appliance/http/request.h"
#include "services/vault/attachments/attachment_json.h"
#include "services/vault/casing.h"
#include "storage/database/database.h"
#include "storage/stores/cipher_store.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// Whether a client that says it has this version (header Bitwarden-Client-Version) knows a type of
// item. Old clients may fail on one they do not know (vault-core 5.4). No version, or one that is
// none, knows all: scripts send none.
[[nodiscard]] bool clientKnowsType(std::string_view clientVersion, int type);

class CipherPages {
 public:
  CipherPages(const VaultContext& context, std::string userId, const http::Request& request);

  // Appends the next items, with commas between them and none before the first. False when there
  // are no more.
  [[nodiscard]] bool appendPage(storage::Transaction& tx, std::string& out);

 private:
  std::string userId_;
  std::string clientVersion_;
  Dialect dialect_;
  AttachmentLinks links_;
  storage::CipherCursor cursor_;
  bool empty_ = true;
};

}  // namespace coffer::vault
