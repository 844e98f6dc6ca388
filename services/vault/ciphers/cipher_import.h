// SPDX-License-Identifier: BSD-2-Clause
//
// Brings many items and folders into a vault at once: everything or nothing, in one transaction
// (vault-core 6.8).
#pragma once

#include "services/vault/ciphers/cipher_form.h"
#include "services/vault/vault_context.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace coffer::vault {

struct ImportForm {
  struct Folder {
    std::optional<std::string> id;  // One the caller owns is reused.
    std::string name;
  };

  // Checks every item before anything is written. Throws ModelError with the path of the first
  // fault: "Ciphers[3].Notes".
  static ImportForm parse(const json::Object& request, std::size_t maxNotes);

  std::vector<CipherForm> ciphers;
  std::vector<Folder> folders;
  // For each item the index of its folder. What the items themselves say about folders is about
  // those of the place they come from.
  std::vector<std::optional<std::size_t>> folderOf;
};

// All items get new ids.
void importVault(const VaultContext& context, const Session& session, const ImportForm& form);

}  // namespace coffer::vault
