// SPDX-License-Identifier: BSD-2-Clause
//
// "Authorization: Basic …" (RFC 7617). Pure.
#pragma once

#include "appliance/base/secret.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::restic {

struct BasicCredentials {
  std::string user;
  Secret password;
};

// The scheme in any case, strict base64, split at the first colon. Nothing for anything else.
std::optional<BasicCredentials> parseBasicCredentials(std::string_view authorization);

}  // namespace coffer::restic
