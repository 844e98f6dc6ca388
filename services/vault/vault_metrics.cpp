// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/vault_metrics.h"

#include <prometheus/metric_family.h>

#include <string>

namespace coffer::vault {
namespace {

constexpr std::array<const char*, 3> kGrantNames{"password", "refresh_token", "client_credentials"};
constexpr std::array<const char*, 3> kResultNames{"granted", "refused", "throttled"};

}  // namespace

void VaultMetrics::countLogin(GrantType grant, GrantResult result) {
  logins_.at(static_cast<std::size_t>(grant))
      .at(static_cast<std::size_t>(result))
      .fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t VaultMetrics::logins(GrantType grant, GrantResult result) const {
  return logins_.at(static_cast<std::size_t>(grant))
      .at(static_cast<std::size_t>(result))
      .load(std::memory_order_relaxed);
}

std::vector<prometheus::MetricFamily> VaultMetrics::Collect() const {
  prometheus::MetricFamily family;
  family.name = "coffer_vault_logins_total";
  family.help = "Requests to the vault's token endpoint.";
  family.type = prometheus::MetricType::Counter;
  for (std::size_t grant = 0; grant < kGrants; ++grant) {
    for (std::size_t result = 0; result < kResults; ++result) {
      prometheus::ClientMetric metric;
      metric.label = {{"grant", kGrantNames.at(grant)}, {"result", kResultNames.at(result)}};
      metric.counter.value = static_cast<double>(
          logins(static_cast<GrantType>(grant), static_cast<GrantResult>(result)));
      family.metric.push_back(std::move(metric));
    }
  }
  return {std::move(family)};
}

}  // namespace coffer::vault
