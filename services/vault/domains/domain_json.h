// SPDX-License-Identifier: BSD-2-Clause
//
// The domains object of vault-core 7.2: an account's own groups of equivalent domains, and those
// that everybody has.
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/user_store.h"

namespace coffer::vault {

enum class ExcludedGroups {
  Marked,   // The settings page: all groups, each with whether the account excludes it.
  LeftOut,  // Sync: those that apply.
};

void writeDomains(json::Writer& writer, const storage::User& user, ExcludedGroups excluded);

}  // namespace coffer::vault
