// SPDX-License-Identifier: BSD-2-Clause
//
// Which release a client says it is: the header Bitwarden-Client-Version (vault-core 1.8), for the
// few places where one shape of an answer cannot serve all years.
#pragma once

#include "appliance/http/request.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer::vault {

struct ClientVersion {
  std::uint64_t year = 0;
  std::uint64_t month = 0;
  std::uint64_t patch = 0;

  auto operator<=>(const ClientVersion&) const = default;
};

// "2026.9.0", also with more after it ("2026.9.0-beta", "2026.9.0.1"). Nothing for anything else.
std::optional<ClientVersion> parseClientVersion(std::string_view text);

inline std::optional<ClientVersion> clientVersionOf(const http::Request& request) {
  return parseClientVersion(request.header("Bitwarden-Client-Version"));
}

}  // namespace coffer::vault
