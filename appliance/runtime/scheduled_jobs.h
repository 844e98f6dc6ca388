// SPDX-License-Identifier: BSD-2-Clause
//
// The scheduled work of the services with the times the owner gave it.
#pragma once

#include "appliance/base/cron.h"
#include "appliance/runtime/jobs.h"
#include "config/settings.h"
#include "services/vault/jobs/vault_job.h"

#include <optional>
#include <string>
#include <vector>

namespace coffer::runtime {

struct ScheduledJob {
  std::string name;
  std::string help;
  std::string text;  // As configured; "": never.
  std::optional<CronSchedule> schedule;
  Jobs::Work run;
};

// Throws UsageError for a schedule that is none.
std::vector<ScheduledJob> scheduledJobs(const config::JobSettings& settings,
                                        std::vector<vault::VaultJob> work);

}  // namespace coffer::runtime
