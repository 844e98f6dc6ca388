// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/base/digest.h"

#include "appliance/base/fault.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace coffer {
namespace {

[[noreturn]] void failed(const char* what) {
  throw Fault(FaultKind::Internal, "Internal Server Error", what);
}

std::string digestOf(const EVP_MD* kind, std::string_view bytes) {
  std::string out(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                 kind, nullptr) != 1) {
    failed("EVP_Digest");
  }
  return out;
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) != 1) {
    EVP_MD_CTX_free(context_);
    failed("EVP_DigestInit_ex");
  }
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::update(std::string_view bytes) {
  if (EVP_DigestUpdate(context_, bytes.data(), bytes.size()) != 1) failed("EVP_DigestUpdate");
}

std::string Sha256::finish() {
  std::string out(32, '\0');
  unsigned int size = 0;
  if (EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(out.data()), &size) != 1) {
    failed("EVP_DigestFinal_ex");
  }
  return out;
}

std::string sha256(std::string_view bytes) { return digestOf(EVP_sha256(), bytes); }
std::string sha1(std::string_view bytes) { return digestOf(EVP_sha1(), bytes); }

std::string hmacSha256(std::string_view key, std::string_view bytes) {
  std::string out(32, '\0');
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
           reinterpret_cast<unsigned char*>(out.data()), &size) == nullptr) {
    failed("HMAC");
  }
  return out;
}

}  // namespace coffer
