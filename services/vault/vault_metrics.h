// SPDX-License-Identifier: BSD-2-Clause
//
// What the vault counts, handed to prometheus-cpp when it is scraped:
//   coffer_vault_logins_total{grant,result}   counter
//   coffer_vault_mails_total{result}          counter; coffer_vault_mails_waiting gauge
//   coffer_vault_push_total{result}           counter: calls of the push relay
// Grants are "password", "refresh_token", "client_credentials" and "webauthn"; results "granted",
// "refused" (wrong password, key or token, or a disabled account) and "throttled". Counting is
// atomics.
#pragma once

#include <prometheus/collectable.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coffer::vault {

enum class GrantType { Password, RefreshToken, ClientCredentials, WebAuthn };
enum class GrantResult { Granted, Refused, Throttled };
enum class PushResult { Sent, Failed, Dropped };

class VaultMetrics final : public prometheus::Collectable {
 public:
  void countLogin(GrantType grant, GrantResult result);
  std::uint64_t logins(GrantType grant, GrantResult result) const;

  void countMail(bool sent) { (sent ? mailsSent_ : mailsFailed_).fetch_add(1); }
  void setMailsWaiting(std::int64_t count) { mailsWaiting_.store(count); }
  std::uint64_t mails(bool sent) const { return (sent ? mailsSent_ : mailsFailed_).load(); }

  void countPush(PushResult result) { pushes_.at(static_cast<std::size_t>(result)).fetch_add(1); }
  std::uint64_t pushes(PushResult result) const {
    return pushes_.at(static_cast<std::size_t>(result)).load();
  }

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  static constexpr std::size_t kGrants = 4;
  static constexpr std::size_t kResults = 3;
  std::array<std::array<std::atomic<std::uint64_t>, kResults>, kGrants> logins_{};
  std::atomic<std::uint64_t> mailsSent_{0};
  std::atomic<std::uint64_t> mailsFailed_{0};
  std::atomic<std::int64_t> mailsWaiting_{0};
  std::array<std::atomic<std::uint64_t>, 3> pushes_{};
};

}  // namespace coffer::vault
