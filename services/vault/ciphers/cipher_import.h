// SPDX-License-Identifier: BSD-2-Clause
//
// Brings many items and folders into a vault at once: everything or nothing, in one transaction
// (vault-core 6.8).
#pragma once

#include "services/vault/ciphers/cipher_form.h"
#include "services/vault/vault_context.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

struct ImportForm {
  struct Folder {
    std::optional<std::string> id;  // One the caller owns is reused.
    std::string name;
  };

  // Checks every item before anything is written. Throws ModelError with the path of the first
  // fault: "Ciphers[3].Notes".
  static ImportForm parse(std::string_view body, std::size_t maxNotes);

  std::deque<CipherForm> ciphers;  // Many and not small: they stay where they are as more come.
  std::vector<Folder> folders;
  // For each item the index of its folder. What the items themselves say about folders is about
  // those of the place they come from.
  std::vector<std::optional<std::size_t>> folderOf;
};

// All items get new ids.
void importVault(const VaultContext& context, const Session& session, const ImportForm& form);

}  // namespace coffer::vault
