// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/http_client.h"

#include "appliance/base/bytes.h"

namespace coffer::outbound {

std::string_view HttpAnswer::header(std::string_view name) const {
  for (const auto& [given, value] : headers) {
    if (toLowerAscii(given) == toLowerAscii(name)) return value;
  }
  return {};
}

}  // namespace coffer::outbound
