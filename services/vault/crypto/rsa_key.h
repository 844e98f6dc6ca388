// SPDX-License-Identifier: BSD-2-Clause
//
// An RSA-2048 key pair: the one that signs tokens, and those that accounts made on the command line
// begin with. Const operations are safe from any thread.
#pragma once

#include <string>
#include <string_view>

struct evp_pkey_st;

namespace coffer::vault {

class RsaKey {
 public:
  static RsaKey generate();
  // PKCS#8 or PKCS#1, not encrypted. Throws UsageError unless it is an RSA private key of at least
  // 2048 bits.
  static RsaKey fromPem(std::string_view pem);

  ~RsaKey();
  RsaKey(RsaKey&& other) noexcept;
  RsaKey& operator=(RsaKey&&) = delete;

  std::string toPem() const;          // PKCS#8. A secret: the caller wipes it.
  std::string privateKeyDer() const;  // PKCS#8. A secret.
  std::string publicKeyDer() const;   // SubjectPublicKeyInfo.

  // RSASSA-PKCS1-v1_5 over SHA-256: "RS256" of RFC 7518.
  std::string sign(std::string_view message) const;
  [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

 private:
  explicit RsaKey(evp_pkey_st* key) : key_(key) {}
  evp_pkey_st* key_;
};

}  // namespace coffer::vault
