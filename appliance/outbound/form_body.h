// SPDX-License-Identifier: BSD-2-Clause
//
// Names and values as application/x-www-form-urlencoded, for bodies and for queries: everything but
// the unreserved characters of RFC 3986 is escaped, the blank too.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::outbound {

std::string percentEncoded(std::string_view text);
// "name=value&…" in the order given.
std::string formBody(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace coffer::outbound
