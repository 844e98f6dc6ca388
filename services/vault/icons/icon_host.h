// SPDX-License-Identifier: BSD-2-Clause
//
// Which hosts an icon can be asked for (vault-extras 9.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// The host in lower case. A name is of labels of letters, digits and inner hyphens (what is
// international comes as punycode, as clients send it); an address is of four decimal numbers.
// Nothing for the rest: IPv6, and every other spelling of IPv4 ("127.1", "0x7f000001",
// "0177.0.0.1", "2130706433"), which some resolver may take for an address.
std::optional<std::string> parseIconHost(std::string_view text);

}  // namespace coffer::vault
