// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/crypto/key_derivation.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"

#include <openssl/evp.h>

#include <argon2.h>

namespace coffer::vault {
namespace {

constexpr std::size_t kKeyBytes = 32;

unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string pbkdf2Problem(const KdfSettings& kdf, std::uint32_t minimum) {
  if (kdf.iterations < minimum) {
    return "PBKDF2 KDF iterations must be at least " + std::to_string(minimum) + ".";
  }
  if (kdf.iterations > 2'000'000) return "PBKDF2 KDF iterations must be at most 2000000.";
  return {};
}

std::string argon2Problem(const KdfSettings& kdf) {
  if (kdf.iterations < 2 || kdf.iterations > 10) {
    return "Argon2 KDF iterations must be between 2 and 10.";
  }
  // The clients' own floor at login is 16 MiB: less would lock the owner out.
  if (!kdf.memoryMiB || *kdf.memoryMiB < 16 || *kdf.memoryMiB > 1024) {
    return "Argon2 memory must be between 16 MB and 1024 MB.";
  }
  if (!kdf.parallelism || *kdf.parallelism < 1 || *kdf.parallelism > 16) {
    return "Argon2 parallelism must be between 1 and 16.";
  }
  return {};
}

}  // namespace

std::string pbkdf2Sha256(std::string_view password, std::string_view salt, std::uint32_t iterations,
                         std::size_t length) {
  std::string key(length, '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()),
                        static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha256(),
                        static_cast<int>(length), octets(key)) != 1) {
    throw Fault(FaultKind::Internal, "Internal Server Error", "PBKDF2");
  }
  return key;
}

std::string argon2id(std::string_view password, std::string_view salt, std::uint32_t iterations,
                     std::uint32_t memoryKiB, std::uint32_t parallelism, std::size_t length) {
  std::string key(length, '\0');
  const int result =
      argon2id_hash_raw(iterations, memoryKiB, parallelism, password.data(), password.size(),
                        salt.data(), salt.size(), key.data(), length);
  if (result != ARGON2_OK) {
    throw Fault(FaultKind::Internal, "Internal Server Error",
                std::string("Argon2id: ") + argon2_error_message(result));
  }
  return key;
}

// RFC 5869 section 2.3.
std::string hkdfExpandSha256(std::string_view key, std::string_view info, std::size_t length) {
  std::string out;
  std::string block;
  for (char counter = 1; out.size() < length; ++counter) {
    block = hmacSha256(key, block + std::string(info) + counter);
    out += block;
  }
  out.resize(length);
  return out;
}

std::optional<std::string> findKdfProblem(const KdfSettings& kdf, std::uint32_t minimumPbkdf2) {
  std::string problem =
      kdf.type == KdfType::Pbkdf2 ? pbkdf2Problem(kdf, minimumPbkdf2) : argon2Problem(kdf);
  if (problem.empty()) return std::nullopt;
  return problem;
}

std::string deriveMasterKey(std::string_view password, std::string_view salt,
                            const KdfSettings& kdf) {
  if (kdf.type == KdfType::Pbkdf2) return pbkdf2Sha256(password, salt, kdf.iterations, kKeyBytes);
  return argon2id(password, sha256(salt), kdf.iterations, kdf.memoryMiB.value_or(0) * 1024,
                  kdf.parallelism.value_or(0), kKeyBytes);
}

std::string masterPasswordHash(std::string_view masterKey, std::string_view password) {
  return toBase64(pbkdf2Sha256(masterKey, password, 1, kKeyBytes));
}

std::string stretchMasterKey(std::string_view masterKey) {
  return hkdfExpandSha256(masterKey, "enc", kKeyBytes) +
         hkdfExpandSha256(masterKey, "mac", kKeyBytes);
}

}  // namespace coffer::vault
