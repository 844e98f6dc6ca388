// SPDX-License-Identifier: BSD-2-Clause
//
// Key derivation as clients do it (vault-core 2.1), and PBKDF2 as the server does it once more over
// what clients send. Lengths and memory are bytes unless the name says otherwise. A failure inside
// the library is an Internal fault.
//
// These run for as long as their cost says: on the hash lane or the command line, never elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

std::string pbkdf2Sha256(std::string_view password, std::string_view salt, std::uint32_t iterations,
                         std::size_t length = 32);

// Version 0x13.
std::string argon2id(std::string_view password, std::string_view salt, std::uint32_t iterations,
                     std::uint32_t memoryKiB, std::uint32_t parallelism, std::size_t length = 32);

std::string hkdfExpandSha256(std::string_view key, std::string_view info, std::size_t length);

enum class KdfType : std::uint8_t { Pbkdf2 = 0, Argon2id = 1 };

// How a client turns the master password into its master key. Memory and parallelism belong to
// Argon2id alone.
struct KdfSettings {
  KdfType type = KdfType::Pbkdf2;
  std::uint32_t iterations = 600'000;
  std::optional<std::uint32_t> memoryMiB;
  std::optional<std::uint32_t> parallelism;

  bool operator==(const KdfSettings&) const = default;
};

constexpr KdfSettings kDefaultPbkdf2{};
constexpr KdfSettings kDefaultArgon2id{KdfType::Argon2id, 6, 32, 4};

// Nothing when a client may choose these for its account; else what is wrong, for the client to
// read. `minimumPbkdf2` is VaultOptions::minimumClientIterations.
std::optional<std::string> findKdfProblem(const KdfSettings& kdf, std::uint32_t minimumPbkdf2);

// Everything that follows from a master password. `salt` is the e-mail address, trimmed and lower
// case.
std::string deriveMasterKey(std::string_view password, std::string_view salt,
                            const KdfSettings& kdf);
// What is sent in the password's place, 44 characters of base64.
std::string masterPasswordHash(std::string_view masterKey, std::string_view password);
// 32 bytes to encrypt, then 32 bytes to authenticate.
std::string stretchMasterKey(std::string_view masterKey);

}  // namespace coffer::vault
