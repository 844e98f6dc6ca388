// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/files/file_links.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"

#include <cstdint>

namespace coffer::vault {
namespace {

constexpr std::size_t kExpiryBytes = 8;
constexpr std::size_t kSignatureBytes = 32;

std::string bigEndian(std::uint64_t number) {
  std::string bytes(kExpiryBytes, '\0');
  for (std::size_t i = kExpiryBytes; i-- > 0; number >>= 8)
    bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

std::uint64_t fromBigEndian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

// Every text is preceded by its length, so that no two files sign the same bytes.
std::string signature(std::string_view key, FilePurpose purpose, std::string_view owner,
                      std::string_view file, std::string_view expiry) {
  std::string bytes = purpose == FilePurpose::Attachment ? "A" : "S";
  bytes += expiry;
  for (const auto text : {owner, file}) {
    bytes += bigEndian(text.size());
    bytes += text;
  }
  return hmacSha256(key, bytes);
}

}  // namespace

FileLinks::FileLinks() : key_(randomBytes(32)) {}

std::string FileLinks::sign(FilePurpose purpose, std::string_view owner, std::string_view file,
                            UnixMicros now) const {
  const auto expiry = bigEndian(static_cast<std::uint64_t>(now + kFileLinkLifetime));
  return toBase64Url(expiry + signature(key_, purpose, owner, file, expiry));
}

bool FileLinks::isValid(std::string_view token, FilePurpose purpose, std::string_view owner,
                        std::string_view file, UnixMicros now) const {
  const auto bytes = fromBase64Url(token);
  if (!bytes || bytes->size() != kExpiryBytes + kSignatureBytes) return false;
  const auto expiry = std::string_view(*bytes).substr(0, kExpiryBytes);
  const auto given = std::string_view(*bytes).substr(kExpiryBytes);
  return equalsInConstantTime(given, signature(key_, purpose, owner, file, expiry)) &&
         static_cast<std::uint64_t>(now) < fromBigEndian(expiry);
}

}  // namespace coffer::vault
