// SPDX-License-Identifier: BSD-2-Clause
//
// A request that does not fit its form: 400 with the texts listed per field, as vault-core section
// 1.11 has them. The service renders it; everything else sees a BadRequest.
#pragma once

#include "appliance/base/fault.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::vault::json {

inline constexpr std::string_view kModelStateInvalid = "The model state is invalid.";

class ModelError : public BadRequest {
 public:
  // `field` is a property path such as "Ciphers[3].Notes"; "" for the request as a whole.
  // Neither text may repeat what the client sent: it is shown as it is.
  ModelError(std::string field, std::string text)
      : BadRequest(std::string(kModelStateInvalid), field + ": " + text) {
    errors_.emplace_back(std::move(field), std::move(text));
  }

  const std::vector<std::pair<std::string, std::string>>& errors() const { return errors_; }

 private:
  std::vector<std::pair<std::string, std::string>> errors_;
};

}  // namespace coffer::vault::json
