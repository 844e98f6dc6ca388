// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/authenticator_data.h"

#include "appliance/base/fault.h"
#include "services/vault/webauthn/cbor_reader.h"

#include <cstddef>

namespace coffer::vault {
namespace {

constexpr std::size_t kHashSize = 32;
constexpr std::size_t kFixedSize = kHashSize + 1 + 4;
constexpr std::size_t kAaguidSize = 16;
constexpr std::size_t kIdLengthSize = 2;

[[noreturn]] void refuse(const char* reason) {
  throw BadRequest("The answer of the security key cannot be read.", reason);
}

std::uint32_t bigEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// What stands before the key itself: model, length of the id, the id.
std::size_t credentialHeadSize(std::string_view rest) {
  if (rest.size() < kAaguidSize + kIdLengthSize) refuse("authenticator data ends early");
  const std::size_t size =
      kAaguidSize + kIdLengthSize + bigEndian(rest.substr(kAaguidSize, kIdLengthSize));
  if (size > rest.size()) refuse("authenticator data ends early");
  return size;
}

}  // namespace

AuthenticatorData AuthenticatorData::parse(std::string_view bytes) {
  if (bytes.size() < kFixedSize) refuse("authenticator data ends early");
  AuthenticatorData data;
  data.partyHash = bytes.substr(0, kHashSize);
  data.flags = static_cast<std::uint8_t>(bytes[kHashSize]);
  data.signCount = bigEndian(bytes.substr(kHashSize + 1, 4));

  auto rest = bytes.substr(kFixedSize);
  if (data.has(kHasCredential)) rest.remove_prefix(credentialHeadSize(rest));
  CborReader tail(rest);
  if (data.has(kHasCredential)) tail.skip();
  if (data.has(kHasExtensions)) tail.skip();
  if (!tail.isAtEnd()) refuse("authenticator data goes on");
  return data;
}

std::string_view findAuthenticatorData(std::string_view attestationObject) {
  CborReader object(attestationObject);
  std::string_view found;
  for (auto pairs = object.beginMap(); pairs > 0; --pairs) {
    if (object.text() == "authData") {
      found = object.bytes();
    } else {
      object.skip();
    }
  }
  if (found.empty() || !object.isAtEnd()) refuse("not an attestation object");
  return found;
}

}  // namespace coffer::vault
