// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/crypto/other_digests.h"

#include "appliance/base/fault.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace coffer::vault {
namespace {

[[noreturn]] void failed(const char* what) {
  throw Fault(FaultKind::Internal, "Internal Server Error", what);
}

unsigned char* writable(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

std::string hmac(const EVP_MD* kind, std::string_view key, std::string_view bytes) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
  unsigned int size = 0;
  if (HMAC(kind, key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), writable(out),
           &size) == nullptr) {
    failed("HMAC");
  }
  return out;
}

}  // namespace

std::string hmacSha1(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha1(), key, bytes);
}

std::string hmacSha512(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha512(), key, bytes);
}

std::string sha512Of256(std::string_view bytes) {
  std::string out(32, '\0');
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), writable(out), &size, EVP_sha512_256(), nullptr) !=
      1) {
    failed("EVP_Digest");
  }
  return out;
}

}  // namespace coffer::vault
