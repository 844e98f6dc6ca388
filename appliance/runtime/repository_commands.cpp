// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/process.h"
#include "services/restic/repository_stats.h"
#include "services/vault/json/writer.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

namespace coffer::runtime {
namespace {

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

// 0: no limit.
std::uint64_t limitOf(const config::ResticSettings& settings, const std::string& repository) {
  const auto own = settings.repositoryQuotas.find(repository);
  return (own == settings.repositoryQuotas.end() ? settings.maxSizePerRepository : own->second)
      .bytes;
}

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
  json.endObject().endObject();
}

void printText(const RepositoryReport& report, std::uint64_t limit) {
  std::cout << "repository:       " << displayName(report.name)
            << (report.hasConfig ? "" : "   (no config: restic does not take it for one)") << "\n"
            << "owner:            " << (report.usage.owner.empty() ? "-" : report.usage.owner)
            << "\n"
            << "size:             " << formatByteSize(report.usage.bytes());
  if (limit != 0) std::cout << " of " << formatByteSize(limit);
  std::cout << "\nnewest snapshot:  " << dateOrDash(report.usage.newestSnapshot)
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
      appendJson(writer, report, limitOf(settings.restic, report.name));
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
  const std::uint64_t limit = limitOf(settings.restic, name);
  if (!json) {
    printText(*report, limit);
    return 0;
  }
  std::string out;
  Writer writer(out);
  appendJson(writer, *report, limit);
  std::cout << out << "\n";
  return 0;
}

}  // namespace coffer::runtime
