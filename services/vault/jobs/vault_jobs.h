// SPDX-License-Identifier: BSD-2-Clause
//
// The list of the vault's scheduled work; each piece is defined with its capability.
#pragma once

#include "services/vault/jobs/vault_job.h"

#include <vector>

namespace coffer::vault {

struct VaultContext;

std::vector<VaultJob> vaultJobs(const VaultContext& context);

}  // namespace coffer::vault
