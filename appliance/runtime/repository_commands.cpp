// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/service_options.h"
#include "services/restic/repository_stats.h"
#include "services/vault/json/writer.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

namespace coffer::runtime {
namespace {

using restic::QuotaState;
using restic::RepositoryReport;
using vault::json::Writer;
constexpr int kNotFound = 3;

std::optional<UnixMicros> known(UnixMicros time) {
  return time == 0 ? std::nullopt : std::optional(time);
}

std::string dateOrDash(UnixMicros time) { return time == 0 ? "-" : formatIsoDate(time); }

std::string displayName(const std::string& name) { return name.empty() ? "/" : name; }

storage::Links linksOf(const config::Settings& settings) {
  return settings.restic.followLinks ? storage::Links::Folders : storage::Links::Refused;
}

restic::QuotaLimits limitsOf(const config::Settings& settings) {
  return resticOptions(settings, false).quota;
}

// How full the quotas are that the repository shares with others, its owner's and the total one.
// Counts every repository, hence only where there is such a quota.
std::vector<QuotaState> sharedQuotas(const config::Settings& settings, const std::string& folder,
                                     const std::string& owner) {
  const restic::QuotaLimits limits = limitsOf(settings);
  QuotaState user{QuotaState::Scope::User, owner, 0, owner.empty() ? 0 : limits.ofUser(owner)};
  QuotaState total{QuotaState::Scope::Total, "", 0, limits.total};
  std::vector<QuotaState> quotas;
  if (user.limit == 0 && total.limit == 0) return quotas;
  for (const RepositoryReport& report : restic::reportRepositories(folder, linksOf(settings))) {
    total.used += report.usage.bytes();
    if (report.usage.owner == owner) user.used += report.usage.bytes();
  }
  if (user.limit != 0) quotas.push_back(user);
  if (total.limit != 0) quotas.push_back(total);
  return quotas;
}

// The object is left open for what else there is to say.
void appendJson(Writer& json, const RepositoryReport& report, std::uint64_t limit) {
  json.beginObject().field("name", displayName(report.name)).field("hasConfig", report.hasConfig);
  json.field("owner", report.usage.owner).field("bytes", report.usage.bytes());
  json.key("limit");
  limit == 0 ? json.value(nullptr) : json.value(limit);
  json.dateField("newestSnapshot", known(report.usage.newestSnapshot));
  json.dateField("lastAccess", known(report.usage.lastAccess));
  json.key("objects").beginObject();
  for (const auto type : restic::kAllTypes) {
    const auto& usage = report.usage.types[restic::indexOf(type)];
    json.key(restic::nameOf(type)).beginObject();
    json.field("count", usage.objects).field("bytes", usage.bytes).endObject();
  }
  json.endObject();
}

// "userQuota" and "totalQuota", null where there is none.
void appendJson(Writer& json, const std::vector<QuotaState>& quotas) {
  for (const auto& [scope, key] : {std::pair(QuotaState::Scope::User, "userQuota"),
                                   std::pair(QuotaState::Scope::Total, "totalQuota")}) {
    const auto quota = std::find_if(quotas.begin(), quotas.end(),
                                    [scope = scope](const auto& q) { return q.scope == scope; });
    json.key(key);
    if (quota == quotas.end()) {
      json.value(nullptr);
    } else {
      json.beginObject().field("used", quota->used).field("limit", quota->limit).endObject();
    }
  }
}

void printQuota(const QuotaState& quota) {
  std::cout << (quota.scope == QuotaState::Scope::User ? "owner's quota:    "
                                                       : "total quota:      ")
            << formatByteSize(quota.used) << " of " << formatByteSize(quota.limit) << "\n";
}

void printText(const RepositoryReport& report, std::uint64_t limit,
               const std::vector<QuotaState>& quotas) {
  std::cout << "repository:       " << displayName(report.name)
            << (report.hasConfig ? "" : "   (no config: restic does not take it for one)") << "\n"
            << "owner:            " << (report.usage.owner.empty() ? "-" : report.usage.owner)
            << "\n"
            << "size:             " << formatByteSize(report.usage.bytes());
  if (limit != 0) std::cout << " of " << formatByteSize(limit);
  std::cout << "\n";
  for (const QuotaState& quota : quotas) printQuota(quota);
  std::cout << "newest snapshot:  " << dateOrDash(report.usage.newestSnapshot)
            << "\nlast access:      " << dateOrDash(report.usage.lastAccess) << "\n";
  for (const auto type : restic::kAllTypes) {
    const auto& usage = report.usage.types[restic::indexOf(type)];
    std::string name = std::string(restic::nameOf(type)) + ":";
    name.resize(18, ' ');
    std::cout << name << usage.objects << " objects, " << formatByteSize(usage.bytes) << "\n";
  }
}

std::string folderOf(const config::Settings& settings) {
  std::string folder = resticFolder(settings);
  becomeOwnerOf(folder);
  return folder;
}

}  // namespace

int resticRepositoryList(const SettingsInput& input, bool json) {
  const config::Settings settings = loadSettings(input);
  const std::string folder = folderOf(settings);
  std::vector<RepositoryReport> reports;
  if (std::filesystem::exists(folder))
    reports = restic::reportRepositories(folder, linksOf(settings));
  std::sort(reports.begin(), reports.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string out;
  Writer writer(out);
  if (json) writer.beginArray();
  for (const RepositoryReport& report : reports) {
    if (json) {
      appendJson(writer, report, limitsOf(settings).ofRepository(report.name));
      writer.endObject();
      continue;
    }
    out += displayName(report.name) + "\t" + formatByteSize(report.usage.bytes()) + "\t" +
           dateOrDash(report.usage.newestSnapshot) + "\n";
  }
  if (json) writer.endArray();
  std::cout << out << (json ? "\n" : "");
  return 0;
}

int resticRepositoryStat(const SettingsInput& input, const std::string& repository, bool json) {
  const config::Settings settings = loadSettings(input);
  const std::string folder = folderOf(settings);
  const std::string name = repository == "/" ? "" : repository;
  std::optional<RepositoryReport> report;
  try {
    report = restic::reportRepository(folder, name, linksOf(settings));
  } catch (const UsageError& e) {
    throw UsageError(e.what(), kNotFound);
  }
  const std::uint64_t limit = limitsOf(settings).ofRepository(name);
  const auto quotas = sharedQuotas(settings, folder, report->usage.owner);
  if (!json) {
    printText(*report, limit, quotas);
    return 0;
  }
  std::string out;
  Writer writer(out);
  appendJson(writer, *report, limit);
  appendJson(writer, quotas);
  writer.endObject();
  std::cout << out << "\n";
  return 0;
}

}  // namespace coffer::runtime
