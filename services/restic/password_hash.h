// SPDX-License-Identifier: BSD-2-Clause
//
// The password hashes that htpasswd files hold:
//   $2a$ $2b$ $2y$   bcrypt                       htpasswd -B
//   {SHA}            base64 of SHA-1, no salt     htpasswd -s
//   $apr1$           Apache's MD5                 htpasswd, htpasswd -m
//   $5$ $6$          crypt with SHA-256, SHA-512  htpasswd -2, -5
// DES, plain text and everything else is Unusable, and so is a hash whose cost would hold a thread
// for many seconds.
//
// All functions are safe from any thread; verifyPassword() and hashPassword() take milliseconds up
// to seconds and belong on the Hash lane.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::restic {

enum class HashKind : std::uint8_t { Bcrypt, Sha1, Apr1, ShaCrypt, Unusable };

HashKind kindOfHash(std::string_view hash);

// False also for an unusable hash and for a password with a NUL, which crypt(3) would cut short.
[[nodiscard]] bool verifyPassword(std::string_view password, const std::string& hash);

constexpr std::size_t kMaxBcryptPassword = 72;  // bcrypt does not look at what follows.
constexpr int kDefaultBcryptCost = 10;

// A fresh bcrypt hash, "$2y$…". Throws UsageError for an empty or too long password, one with a
// NUL, and a cost outside 4 to 17.
std::string hashPassword(std::string_view password, int cost = kDefaultBcryptCost);

// A hash of nobody's password that takes as long to check as `hash` does.
std::string decoyFor(const std::string& hash);

}  // namespace coffer::restic
