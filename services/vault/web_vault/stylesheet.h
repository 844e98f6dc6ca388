// SPDX-License-Identifier: BSD-2-Clause
//
// css/vaultwarden.css (vault-extras 10.5): what a web vault must not show because this server does
// not offer it, or its owner has switched it off.
#pragma once

#include "services/vault/vault_options.h"

#include <string>

namespace coffer::vault {

struct StylesheetFacts {
  bool mayRegister = true;         // Somebody who has no account yet.
  bool canUseSecurityKeys = true;  // Not when the vault is called by an address.
};

std::string stylesheetFor(const VaultOptions& options, const StylesheetFacts& facts);

// The page with a link to that stylesheet at the end of its head, unless it has one: builds that
// were made for such servers do, the official one does not.
std::string withStylesheet(std::string page);

}  // namespace coffer::vault
