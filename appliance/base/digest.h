// SPDX-License-Identifier: BSD-2-Clause
//
// Hashes through OpenSSL's EVP, which picks the processor's own instructions at run time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace coffer {

// SHA-256 of a stream. One object, one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view bytes);
  std::string finish();  // 32 raw bytes. The object can then only be destroyed.

 private:
  evp_md_ctx_st* context_;
};

std::string sha256(std::string_view bytes);                            // 32 raw bytes.
std::string sha1(std::string_view bytes);                              // 20 raw bytes; old formats.
std::string hmacSha256(std::string_view key, std::string_view bytes);  // 32 raw bytes.

}  // namespace coffer
