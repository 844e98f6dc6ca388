// SPDX-License-Identifier: BSD-2-Clause
//
// The pages of our own: what is running here, where no web vault is installed, and "not found".
// They load nothing, run nothing and know nobody; they are well-formed XML too.
#pragma once

#include "appliance/http/response.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// `vaultUrl`: what clients are to be told, "https://vault.example.org".
http::Response startPage(std::string_view vaultUrl);

// 404. `home`: where a link leads, such as "/" or "/bitwarden/".
http::Response notFoundPage(std::string_view home);

// & < > " ' as character references.
std::string escapedForHtml(std::string_view text);

}  // namespace coffer::vault
