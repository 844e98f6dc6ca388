// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/jobs/vault_jobs.h"

#include "services/vault/vault_context.h"

namespace coffer::vault {

std::vector<VaultJob> vaultJobs(const VaultContext&) { return {}; }

}  // namespace coffer::vault
