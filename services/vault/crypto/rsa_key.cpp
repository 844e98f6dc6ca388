// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/crypto/rsa_key.h"

#include "appliance/base/fault.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <utility>

namespace coffer::vault {
namespace {

constexpr int kBits = 2048;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

[[noreturn]] void failed(const char* what) {
  ERR_clear_error();
  throw Fault(FaultKind::Internal, "Internal Server Error", what);
}

// The bytes written to a memory BIO, which clears its buffer when it is freed.
std::string contentsOf(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

RsaKey RsaKey::generate() {
  EVP_PKEY* key = EVP_RSA_gen(kBits);
  if (key == nullptr) failed("EVP_RSA_gen");
  return RsaKey(key);
}

RsaKey RsaKey::fromPem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  if (bio == nullptr) failed("BIO_new_mem_buf");
  // An empty password: a key that is encrypted is refused instead of asked about on a terminal.
  char noPassword[] = "";
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, noPassword);
  ERR_clear_error();
  if (key == nullptr) throw UsageError("not a private key in PEM");
  RsaKey result(key);
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < kBits) {
    throw UsageError("not an RSA key of at least 2048 bits");
  }
  return result;
}

RsaKey::~RsaKey() { EVP_PKEY_free(key_); }

RsaKey::RsaKey(RsaKey&& other) noexcept : key_(std::exchange(other.key_, nullptr)) {}

std::string RsaKey::toPem() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key_, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    failed("PEM_write_bio_PKCS8PrivateKey");
  }
  return contentsOf(bio);
}

std::string RsaKey::privateKeyDer() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (bio == nullptr ||
      i2d_PKCS8PrivateKey_bio(bio.get(), key_, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    failed("i2d_PKCS8PrivateKey_bio");
  }
  return contentsOf(bio);
}

std::string RsaKey::publicKeyDer() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (bio == nullptr || i2d_PUBKEY_bio(bio.get(), key_) != 1) failed("i2d_PUBKEY_bio");
  return contentsOf(bio);
}

std::string RsaKey::sign(std::string_view message) const {
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_)), '\0');
  std::size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     octets(message), message.size()) != 1) {
    failed("EVP_DigestSign");
  }
  signature.resize(size);
  return signature;
}

bool RsaKey::verify(std::string_view message, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (context == nullptr ||
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_) != 1) {
    failed("EVP_DigestVerifyInit");
  }
  const bool good = EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                     octets(message), message.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace coffer::vault
