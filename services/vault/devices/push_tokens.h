// SPDX-License-Identifier: BSD-2-Clause
//
// What a phone's push service calls it, and the name under which the relay knows it: a push uuid
// made when the first token comes (vault-extras 8.3). Only phones have one.
#pragma once

#include "services/vault/json/request_reader.h"
#include "services/vault/vault_context.h"
#include "storage/stores/device_store.h"

#include <optional>
#include <string>
#include <vector>

namespace coffer::vault {

// `pushToken` of a form; blank is nothing.
std::optional<std::string> readPushToken(const json::Object& form);

// A token that a device gets, or loses when there is none.
class PushTokenChange {
 public:
  struct Form {
    std::string userId;
    std::string identifier;
    std::optional<std::string> token;
  };
  explicit PushTokenChange(Form form) : form_(std::move(form)) {}

  // Inside a transaction; false when the user has no such device.
  [[nodiscard]] bool apply(storage::DeviceStore& devices);
  // After its commit.
  void tellRelay(const VaultContext& context) const;

 private:
  const Form form_;
  bool isRegistered_ = false;
  std::vector<std::string> gone_;  // Push uuids.
};

}  // namespace coffer::vault
