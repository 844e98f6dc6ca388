// SPDX-License-Identifier: BSD-2-Clause
//
// Hashes that protocols of others ask for and nothing of our own uses, through OpenSSL.
// Threads: any.
#pragma once

#include <string>
#include <string_view>

namespace coffer::vault {

std::string hmacSha1(std::string_view key, std::string_view bytes);    // 20 raw bytes.
std::string hmacSha512(std::string_view key, std::string_view bytes);  // 64 raw bytes.
std::string sha512Of256(std::string_view bytes);  // SHA-512/256 (FIPS 180-4): 32 raw bytes.

}  // namespace coffer::vault
