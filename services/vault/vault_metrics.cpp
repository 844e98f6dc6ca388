// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/vault_metrics.h"

#include <prometheus/metric_family.h>

#include <string>

namespace coffer::vault {
namespace {

constexpr std::array<const char*, 4> kGrantNames{"password", "refresh_token", "client_credentials",
                                                 "webauthn"};
constexpr std::array<const char*, 3> kResultNames{"granted", "refused", "throttled"};

prometheus::ClientMetric counted(std::uint64_t value, const char* result) {
  prometheus::ClientMetric metric;
  metric.label = {{"result", result}};
  metric.counter.value = static_cast<double>(value);
  return metric;
}

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

  prometheus::MetricFamily mailsDone;
  mailsDone.name = "coffer_vault_mails_total";
  mailsDone.help = "Mails that a mail server took, and mails that were given up.";
  mailsDone.type = prometheus::MetricType::Counter;
  mailsDone.metric = {counted(mails(true), "sent"), counted(mails(false), "failed")};

  prometheus::MetricFamily waiting;
  waiting.name = "coffer_vault_mails_waiting";
  waiting.help = "Mails that wait to be handed to the mail server.";
  waiting.type = prometheus::MetricType::Gauge;
  waiting.metric.resize(1);
  waiting.metric.front().gauge.value = static_cast<double>(mailsWaiting_.load());

  prometheus::MetricFamily pushed;
  pushed.name = "coffer_vault_push_total";
  pushed.help = "Calls of the push relay: taken, failed, or dropped because too many waited.";
  pushed.type = prometheus::MetricType::Counter;
  pushed.metric = {counted(pushes(PushResult::Sent), "sent"),
                   counted(pushes(PushResult::Failed), "failed"),
                   counted(pushes(PushResult::Dropped), "dropped")};
  return {std::move(family), std::move(mailsDone), std::move(waiting), std::move(pushed)};
}

}  // namespace coffer::vault
