// SPDX-License-Identifier: BSD-2-Clause
//
// EncString: how clients write ciphertext, "<type>.<piece>|<piece>|…" with pieces in base64
// (vault-core 2.4). The server never looks inside; it only refuses what no client could read back.
#pragma once

#include <optional>
#include <string_view>

namespace coffer::vault {

enum class EncStringType {
  Aes256Cbc = 0,
  Aes128CbcHmac = 1,
  Aes256CbcHmac = 2,  // Everything symmetric in today's accounts.
  RsaOaepSha256 = 3,
  RsaOaepSha1 = 4,
  RsaOaepSha256Hmac = 5,
  RsaOaepSha1Hmac = 6,
  CoseEncrypt0 = 7,
};

// The type when header, number of pieces and base64 of each piece are right; else nothing. Without
// a header three pieces mean Aes128CbcHmac, and any other number Aes256Cbc. "" is not an EncString.
std::optional<EncStringType> parseEncString(std::string_view text);

// True when header and number of pieces are right, whatever the pieces hold: all that is asked of
// the names of items and folders, where other tools' imports are to be kept (vault-core 2.4).
[[nodiscard]] bool hasEncStringForm(std::string_view text);

[[nodiscard]] inline bool isEncString(std::string_view text) {
  return parseEncString(text).has_value();
}

}  // namespace coffer::vault
