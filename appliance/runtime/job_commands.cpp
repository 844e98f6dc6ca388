// SPDX-License-Identifier: BSD-2-Clause
//
// Work by the clock, looked at and run by hand. A run happens in this process, beside a running
// server: every job is made for that (services/vault/jobs/vault_job.h).
#include "appliance/base/clock.h"
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/open_vault.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/scheduled_jobs.h"
#include "services/vault/json/writer.h"

#include <algorithm>
#include <iostream>

namespace coffer::runtime {
namespace {

constexpr int kNotFound = 3;

std::string nextText(const ScheduledJob& job) {
  if (!job.schedule) return "";
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto next = job.schedule->next(now);
  if (!next) return "";
  return formatIsoDate(next->time_since_epoch().count() * kSecond);
}

config::Settings openedSettings(const SettingsInput& input) {
  config::Settings settings = loadSettings(input);
  becomeOwnerOf(settings.dataDir);
  tightenUmask(077);
  return settings;
}

}  // namespace

int jobList(const SettingsInput& input, bool json) {
  const config::Settings settings = openedSettings(input);
  OpenVault vault(settings);
  std::string out;
  if (json) {
    vault::json::Writer writer(out);
    writer.beginArray();
    for (const auto& job : scheduledJobs(settings.jobs, vault.service.jobs())) {
      writer.beginObject().field("name", job.name).field("help", job.help);
      writer.field("schedule", job.text).field("next", nextText(job)).endObject();
    }
    writer.endArray();
    out += "\n";
  } else {
    for (const auto& job : scheduledJobs(settings.jobs, vault.service.jobs())) {
      out += job.name + "\t" + (job.text.empty() ? "never" : job.text) + "\tnext " +
             (job.schedule ? nextText(job) : "-") + "\t" + job.help + "\n";
    }
  }
  std::cout << out;
  return 0;
}

int jobRun(const SettingsInput& input, const std::string& name) {
  const config::Settings settings = openedSettings(input);
  OpenVault vault(settings);
  const auto jobs = scheduledJobs(settings.jobs, vault.service.jobs());
  const auto job =
      std::find_if(jobs.begin(), jobs.end(), [&](const auto& one) { return one.name == name; });
  if (job == jobs.end()) {
    throw UsageError("there is no job \"" + name + "\"; \"coffer jobs list\" shows them",
                     kNotFound);
  }
  std::cerr << name << ": " << job->run() << " done\n";
  return 0;
}

}  // namespace coffer::runtime
