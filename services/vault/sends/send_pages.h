// SPDX-License-Identifier: BSD-2-Clause
//
// All Sends of a user as JSON, made while they are sent, in the way of ciphers/cipher_pages.h.
#pragma once

#include "storage/stores/send_store.h"

#include <string>
#include <utility>

namespace coffer::vault {

class SendPages {
 public:
  explicit SendPages(std::string userId) : userId_(std::move(userId)) {}

  // Appends the next Sends, with commas between them and none before the first. False when there
  // are no more.
  [[nodiscard]] bool appendPage(storage::Transaction& tx, std::string& out);

 private:
  std::string userId_;
  storage::SendCursor cursor_;
  bool empty_ = true;
};

}  // namespace coffer::vault
