// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/crypto/sealing.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "appliance/base/random.h"
#include "appliance/base/secret.h"
#include "services/vault/encstring.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace coffer::vault {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kHalfKey = 32;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

enum class Direction { Decrypt = 0, Encrypt = 1 };

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Nothing when the padding is wrong (decryption only).
std::optional<std::string> aes256Cbc(Direction direction, std::string_view input,
                                     std::string_view key, std::string_view iv) {
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string out(input.size() + kBlock, '\0');
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  int written = 0;
  int last = 0;
  if (context == nullptr ||
      EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, octets(key), octets(iv),
                        static_cast<int>(direction)) != 1 ||
      EVP_CipherUpdate(context.get(), to, &written, octets(input),
                       static_cast<int>(input.size())) != 1) {
    throw Fault(FaultKind::Internal, "Internal Server Error", "AES-256-CBC");
  }
  if (EVP_CipherFinal_ex(context.get(), to + written, &last) != 1) {
    ERR_clear_error();
    wipe(out);
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(written + last));
  return out;
}

void requireWholeKey(std::string_view key) {
  if (key.size() != 2 * kHalfKey) throw std::logic_error("a sealing key has 64 bytes");
}

}  // namespace

std::string seal(std::string_view plain, std::string_view key) {
  requireWholeKey(key);
  const std::string iv = randomBytes(kBlock);
  const std::string cipherText =
      aes256Cbc(Direction::Encrypt, plain, key.substr(0, kHalfKey), iv).value();
  const std::string mac = hmacSha256(key.substr(kHalfKey), iv + cipherText);
  return "2." + toBase64(iv) + "|" + toBase64(cipherText) + "|" + toBase64(mac);
}

std::optional<std::string> unseal(std::string_view sealed, std::string_view key) {
  requireWholeKey(key);
  if (parseEncString(sealed) != EncStringType::Aes256CbcHmac) return std::nullopt;
  sealed.remove_prefix(2);
  const auto firstBar = sealed.find('|');
  const auto lastBar = sealed.rfind('|');
  const auto iv = fromBase64(sealed.substr(0, firstBar));
  const auto cipherText = fromBase64(sealed.substr(firstBar + 1, lastBar - firstBar - 1));
  const auto mac = fromBase64(sealed.substr(lastBar + 1));
  if (!iv || iv->size() != kBlock || !cipherText || !mac) return std::nullopt;
  if (!equalsInConstantTime(hmacSha256(key.substr(kHalfKey), *iv + *cipherText), *mac)) {
    return std::nullopt;
  }
  return aes256Cbc(Direction::Decrypt, *cipherText, key.substr(0, kHalfKey), *iv);
}

}  // namespace coffer::vault
