// SPDX-License-Identifier: BSD-2-Clause
//
// What Prometheus sees of the service. The six counters of rest-server, names and labels to the
// letter, so that its dashboard and alert rules work unchanged:
//   rest_server_blob_{write,read,delete}_total{repo,type,user}
//   rest_server_blob_{write,read,delete}_bytes_total{repo,type,user}
// They count objects, not the config, not HEAD and not listings; a series appears when it is first
// used. And from the ledger, when it is scraped:
//   coffer_restic_repository_bytes{repo}                         what its objects take
//   coffer_restic_repository_objects{repo,type}
//   coffer_restic_newest_snapshot_timestamp_seconds{repo}        absent while there is none
//   coffer_restic_last_access_timestamp_seconds{repo}            absent while unknown
//   coffer_restic_quota_used_bytes{scope,name}                   scope: total, user, repository
//   coffer_restic_quota_limit_bytes{scope,name}                  absent without a limit
//   coffer_restic_auth_failures_total
//
// Threads: safe from any thread. The number of series is bounded: past kMostSeries, new label
// values are counted under repo and user "(other)".
#pragma once

#include "appliance/base/guarded.h"
#include "services/restic/authenticator.h"
#include "services/restic/usage_ledger.h"

#include <prometheus/collectable.h>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace coffer::restic {

class ResticMetrics final : public prometheus::Collectable {
 public:
  ResticMetrics(const UsageLedger& ledger, const Authenticator& authenticator)
      : ledger_(ledger), authenticator_(authenticator) {}

  enum class Operation : std::uint8_t { Write, Read, Delete };
  void count(Operation operation, const std::string& user, const std::string& repository,
             ObjectType type, std::uint64_t bytes);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  static constexpr std::size_t kMostSeries = 5000;
  static constexpr std::size_t kMostRepositories = 1000;  // In one scrape.

  struct Tally {
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;
  };
  using Key = std::tuple<Operation, std::string, std::string, ObjectType>;

  void collectBlobs(std::vector<prometheus::MetricFamily>& out) const;
  void collectRepositories(std::vector<prometheus::MetricFamily>& out) const;
  void collectQuotas(std::vector<prometheus::MetricFamily>& out) const;

  const UsageLedger& ledger_;
  const Authenticator& authenticator_;
  Guarded<std::map<Key, Tally>> tallies_;
};

}  // namespace coffer::restic
