// SPDX-License-Identifier: BSD-2-Clause
//
// What the vault counts, handed to prometheus-cpp when it is scraped:
//   coffer_vault_logins_total{grant,result}   counter
// Grants are "password", "refresh_token" and "client_credentials"; results "granted", "refused"
// (wrong password, key or token, or a disabled account) and "throttled". Counting is atomics.
#pragma once

#include <prometheus/collectable.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace coffer::vault {

enum class GrantType { Password, RefreshToken, ClientCredentials };
enum class GrantResult { Granted, Refused, Throttled };

class VaultMetrics final : public prometheus::Collectable {
 public:
  void countLogin(GrantType grant, GrantResult result);
  std::uint64_t logins(GrantType grant, GrantResult result) const;

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  static constexpr std::size_t kGrants = 3;
  static constexpr std::size_t kResults = 3;
  std::array<std::array<std::atomic<std::uint64_t>, kResults>, kGrants> logins_{};
};

}  // namespace coffer::vault
