// SPDX-License-Identifier: BSD-2-Clause
//
// E-mail addresses as account names: trimmed and lower case, since that is also the salt of the
// client's KDF (vault-core 2.1). Only ASCII is lowered; clients lower the rest before they send it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

std::string normalizeEmail(std::string_view text);

// Normalised, when it can be the name of an account: something on both sides of one '@', no blanks
// or controls, at most 256 bytes. Whether mail arrives there is another question.
std::optional<std::string> parseEmail(std::string_view text);

// The part after the '@'; "" without one.
std::string_view domainOf(std::string_view email);

}  // namespace coffer::vault
