// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/client_version.h"

#include "appliance/base/bytes.h"

namespace coffer::vault {
namespace {

// The number that `text` begins with, and the dot after it, which must be there if `dotted`.
std::optional<std::uint64_t> takeNumber(std::string_view& text, bool dotted) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  text.remove_prefix(digits.size());
  if (dotted) {
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
  }
  return parseUnsigned(digits);
}

}  // namespace

std::optional<ClientVersion> parseClientVersion(std::string_view text) {
  const auto year = takeNumber(text, true);
  const auto month = year ? takeNumber(text, true) : std::nullopt;
  const auto patch = month ? takeNumber(text, false) : std::nullopt;
  if (!patch) return std::nullopt;
  return ClientVersion{*year, *month, *patch};
}

}  // namespace coffer::vault
