// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/scheduled_jobs.h"

#include "appliance/base/fault.h"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace coffer::runtime {
namespace {

std::map<std::string, std::string> textsOf(const config::JobSettings& settings) {
  return {{"purge-sends", settings.purgeSends},
          {"purge-trash", settings.purgeTrash},
          {"incomplete-logins", settings.incompleteLogins},
          {"emergency-timeouts", settings.emergencyTimeouts},
          {"emergency-reminders", settings.emergencyReminders},
          {"purge-auth-requests", settings.purgeAuthRequests},
          {"purge-expired", settings.purgeExpired},
          {"remove-files", settings.removeFiles},
          {"sweep-files", settings.sweepFiles}};
}

std::string settingOf(const std::string& job) {
  std::string name = "jobs." + job;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace

std::vector<ScheduledJob> scheduledJobs(const config::JobSettings& settings,
                                        std::vector<vault::VaultJob> work) {
  const auto texts = textsOf(settings);
  std::vector<ScheduledJob> jobs;
  for (auto& job : work) {
    const auto text = texts.find(job.name);
    if (text == texts.end()) throw std::logic_error("no setting for the job " + job.name);
    ScheduledJob scheduled{job.name, job.help, text->second, std::nullopt, std::move(job.run)};
    if (!scheduled.text.empty()) {
      std::string reason;
      scheduled.schedule = CronSchedule::parse(scheduled.text, reason);
      if (!scheduled.schedule) throw UsageError(settingOf(job.name) + ": " + reason);
    }
    jobs.push_back(std::move(scheduled));
  }
  return jobs;
}

}  // namespace coffer::runtime
