// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/accounts/email.h"

#include "appliance/base/bytes.h"

#include <algorithm>

namespace coffer::vault {

std::string normalizeEmail(std::string_view text) { return toLowerAscii(trim(text)); }

std::optional<std::string> parseEmail(std::string_view text) {
  std::string email = normalizeEmail(text);
  const auto at = email.find('@');
  const bool isBlankOrControl = std::any_of(email.begin(), email.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
  });
  if (isBlankOrControl || at == std::string::npos || at == 0 || at + 1 == email.size() ||
      email.find('@', at + 1) != std::string::npos || email.size() > 256 || !isUtf8(email)) {
    return std::nullopt;
  }
  return email;
}

std::string_view domainOf(std::string_view email) {
  const auto at = email.find('@');
  return at == std::string_view::npos ? std::string_view() : email.substr(at + 1);
}

}  // namespace coffer::vault
