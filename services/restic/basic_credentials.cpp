// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/basic_credentials.h"

#include "appliance/base/bytes.h"

namespace coffer::restic {

std::optional<BasicCredentials> parseBasicCredentials(std::string_view authorization) {
  const auto blank = authorization.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  if (!equalsIgnoringCase(authorization.substr(0, blank), "Basic")) return std::nullopt;
  auto decoded = fromBase64(trim(authorization.substr(blank + 1)));
  if (!decoded) return std::nullopt;
  const Secret pair(std::move(*decoded));
  const auto colon = pair.reveal().find(':');
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{pair.reveal().substr(0, colon), Secret(pair.reveal().substr(colon + 1))};
}

}  // namespace coffer::restic
