// SPDX-License-Identifier: BSD-2-Clause
//
// AES-256-CBC with HMAC-SHA256, written as an EncString of type 2: what clients do with everything
// they store. The server has no use for it but where it acts as a client: accounts made on the
// command line, and tests. `key` is 64 bytes: 32 to encrypt, then 32 to authenticate.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

std::string seal(std::string_view plain, std::string_view key);

// Nothing when the text is no EncString of type 2 or was not sealed with this key.
std::optional<std::string> unseal(std::string_view sealed, std::string_view key);

}  // namespace coffer::vault
