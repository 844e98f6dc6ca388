// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_id.h"

#include "appliance/base/bytes.h"
#include "services/vault/json/request_reader.h"

namespace coffer::vault {

std::string accessIdOf(std::string_view sendId) {
  std::string digits(sendId);
  std::erase(digits, '-');
  return toBase64Url(fromHex(digits).value_or(""));
}

std::optional<std::string> parseSendId(std::string_view text) {
  constexpr std::size_t idBytes = 16;
  if (json::isUuid(text)) return toLowerAscii(text);
  const auto bytes = fromBase64Url(text);
  if (!bytes || bytes->size() != idBytes) return std::nullopt;
  std::string id = toHex(*bytes);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) id.insert(dash, 1, '-');
  return id;
}

}  // namespace coffer::vault
