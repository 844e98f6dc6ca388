// SPDX-License-Identifier: BSD-2-Clause
//
// What an account, or the whole box, has agreed with Duo: the application's id and secret and the
// host that serves it (vault-extras 4.8). The row's `data` is {"host","ik","sk"}; "" for an account
// that uses the box's own application.
#pragma once

#include "appliance/base/secret.h"
#include "services/vault/vault_options.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::storage {
class Transaction;
}

namespace coffer::vault {

struct DuoApplication {
  std::string host;
  std::string clientId;
  Secret clientSecret;
  bool isTheBoxes = false;
};

// "api-" and letters or digits below duosecurity.com or duofederal.com: the addresses that clients
// open, too. Lower case.
[[nodiscard]] bool isDuoHost(std::string_view host);
[[nodiscard]] bool isDuoClientId(std::string_view id);          // 20 letters or digits.
[[nodiscard]] bool isDuoClientSecret(std::string_view secret);  // 40 of them.

// The one that is configured; nothing unless all three settings are there.
std::optional<DuoApplication> boxDuoApplication(const DuoOptions& options);
// The one an account logs in with; nothing when it has not enabled Duo, or uses the box's and there
// is none any more.
std::optional<DuoApplication> findDuoApplication(storage::Transaction& tx, std::string_view userId,
                                                 const DuoOptions& options);
std::string renderDuoApplication(const DuoApplication& application);  // As the row keeps it.

}  // namespace coffer::vault
