// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/restic_metrics.h"

#include <prometheus/metric_family.h>

#include <array>

namespace coffer::restic {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

MetricFamily family(std::string name, std::string help, MetricType type) {
  MetricFamily result;
  result.name = std::move(name);
  result.help = std::move(help);
  result.type = type;
  return result;
}

void add(MetricFamily& to, Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (to.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  to.metric.push_back(std::move(metric));
}

void addSeconds(MetricFamily& to, Labels labels, UnixMicros time) {
  if (time != 0) add(to, std::move(labels), static_cast<double>(time) / kSecond);
}

Labels blobLabels(const std::string& user, const std::string& repository, ObjectType type) {
  return {{"repo", repository}, {"type", std::string(nameOf(type))}, {"user", user}};
}

std::string nameOf(QuotaState::Scope scope) {
  switch (scope) {
    case QuotaState::Scope::Total:
      return "total";
    case QuotaState::Scope::User:
      return "user";
    case QuotaState::Scope::Repository:
      return "repository";
  }
  return "";
}

void keepUsed(MetricFamily family, std::vector<MetricFamily>& out) {
  if (!family.metric.empty()) out.push_back(std::move(family));
}

}  // namespace

void ResticMetrics::count(Operation operation, const std::string& user,
                          const std::string& repository, ObjectType type, std::uint64_t bytes) {
  tallies_.with([&](auto& tallies) {
    Key key{operation, user, repository, type};
    auto tally = tallies.find(key);
    if (tally == tallies.end()) {
      if (tallies.size() >= kMostSeries) key = {operation, "(other)", "(other)", type};
      tally = tallies.try_emplace(std::move(key)).first;
    }
    ++tally->second.blobs;
    tally->second.bytes += bytes;
  });
}

std::vector<MetricFamily> ResticMetrics::Collect() const {
  std::vector<MetricFamily> out;
  collectBlobs(out);
  collectRepositories(out);
  collectQuotas(out);
  auto failures = family("coffer_restic_auth_failures_total",
                         "Logins to the restic service that were refused", MetricType::Counter);
  add(failures, {}, static_cast<double>(authenticator_.failures()));
  out.push_back(std::move(failures));
  return out;
}

void ResticMetrics::collectBlobs(std::vector<MetricFamily>& out) const {
  const auto counter = [](const char* name, const char* help) {
    return family(std::string("rest_server_blob_") + name, help, MetricType::Counter);
  };
  std::array<std::pair<MetricFamily, MetricFamily>, 3> families = {{
      {counter("write_total", "Total number of blobs written"),
       counter("write_bytes_total", "Total number of bytes written to blobs")},
      {counter("read_total", "Total number of blobs read"),
       counter("read_bytes_total", "Total number of bytes read from blobs")},
      {counter("delete_total", "Total number of blobs deleted"),
       counter("delete_bytes_total", "Total number of bytes of blobs deleted")},
  }};
  tallies_.with([&](const auto& tallies) {
    for (const auto& [key, tally] : tallies) {
      const auto& [operation, user, repository, type] = key;
      auto& [blobs, bytes] = families[static_cast<std::size_t>(operation)];
      add(blobs, blobLabels(user, repository, type), static_cast<double>(tally.blobs));
      add(bytes, blobLabels(user, repository, type), static_cast<double>(tally.bytes));
    }
  });
  for (auto& [blobs, bytes] : families) {
    keepUsed(std::move(blobs), out);
    keepUsed(std::move(bytes), out);
  }
}

void ResticMetrics::collectRepositories(std::vector<MetricFamily>& out) const {
  const auto gauge = [](const char* name, const char* help) {
    return family(std::string("coffer_restic_") + name, help, MetricType::Gauge);
  };
  auto bytes = gauge("repository_bytes", "Bytes that the objects of a repository take");
  auto objects = gauge("repository_objects", "Objects in a repository");
  auto newest = gauge("newest_snapshot_timestamp_seconds",
                      "When the newest snapshot of a repository was stored");
  auto access = gauge("last_access_timestamp_seconds", "When a repository was last used");
  std::size_t count = 0;
  for (const auto& [name, usage] : ledger_.repositories()) {
    if (++count > kMostRepositories) break;
    add(bytes, {{"repo", name}}, static_cast<double>(usage.bytes()));
    for (const ObjectType type : kAllTypes) {
      add(objects, {{"repo", name}, {"type", std::string(restic::nameOf(type))}},
          static_cast<double>(usage.types[indexOf(type)].objects));
    }
    addSeconds(newest, {{"repo", name}}, usage.newestSnapshot);
    addSeconds(access, {{"repo", name}}, usage.lastAccess);
  }
  for (auto* each : {&bytes, &objects, &newest, &access}) keepUsed(std::move(*each), out);
}

void ResticMetrics::collectQuotas(std::vector<MetricFamily>& out) const {
  auto used =
      family("coffer_restic_quota_used_bytes",
             "Bytes that count against a quota, uploads in progress included", MetricType::Gauge);
  auto limit = family("coffer_restic_quota_limit_bytes", "The quota", MetricType::Gauge);
  std::size_t count = 0;
  for (const QuotaState& quota : ledger_.quotas()) {
    if (++count > kMostRepositories) break;
    const Labels labels = {{"scope", nameOf(quota.scope)}, {"name", quota.name}};
    add(used, labels, static_cast<double>(quota.used));
    if (quota.limit != 0) add(limit, labels, static_cast<double>(quota.limit));
  }
  keepUsed(std::move(used), out);
  keepUsed(std::move(limit), out);
}

}  // namespace coffer::restic
