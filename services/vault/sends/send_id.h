// SPDX-License-Identifier: BSD-2-Clause
//
// The name a Send has in its link: the 16 bytes of its id, in the order they are written, as
// base64url (vault-extras 2.4). Opaque to clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

std::string accessIdOf(std::string_view sendId);  // 22 characters.

// The id behind an access id, or the id itself where a client names it so; nothing for neither.
std::optional<std::string> parseSendId(std::string_view text);

}  // namespace coffer::vault
