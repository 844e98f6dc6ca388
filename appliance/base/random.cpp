// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/random.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"

#include <openssl/rand.h>

namespace coffer {

std::string randomBytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    throw Fault(FaultKind::Internal, "Internal Server Error", "no random bytes");
  }
  return bytes;
}

std::string randomUuid() {
  std::string bytes = randomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string text = toHex(bytes);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
  return text;
}

std::string randomAlphanumeric(std::size_t count) {
  constexpr std::string_view alphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text;
  while (text.size() < count) {
    for (const char c : randomBytes(count + 8)) {
      // 248 is the largest multiple of 62 in a byte: what is above would favour the first letters.
      const auto value = static_cast<unsigned char>(c);
      if (value < 248 && text.size() < count) text += alphabet[value % alphabet.size()];
    }
  }
  return text;
}

}  // namespace coffer
