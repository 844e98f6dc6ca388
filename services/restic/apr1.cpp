// SPDX-License-Identifier: BSD-2-Clause
#include "services/restic/apr1.h"

#include "appliance/base/fault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <memory>

namespace coffer::restic {
namespace {

constexpr std::string_view kMagic = "$apr1$";
constexpr std::string_view kAlphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr int kRounds = 1000;
constexpr std::size_t kDigestBytes = 16;

using Digest = std::array<unsigned char, kDigestBytes>;

class Md5 {
 public:
  Md5() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { start(); }

  void start() {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) != 1) fail();
  }
  Md5& add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) fail();
    return *this;
  }
  Md5& add(const Digest& digest, std::size_t count = kDigestBytes) {
    if (EVP_DigestUpdate(context_.get(), digest.data(), count) != 1) fail();
    return *this;
  }
  Digest finish() {
    Digest digest{};
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) fail();
    return digest;
  }

 private:
  [[noreturn]] static void fail() {
    throw Fault(FaultKind::Internal, "Internal Server Error", "MD5 is not available");
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

Digest firstDigest(std::string_view password, std::string_view salt) {
  const Digest inner = Md5().add(password).add(salt).add(password).finish();
  Md5 md5;
  md5.add(password).add(kMagic).add(salt);
  for (std::size_t left = password.size(); left > 0; left -= std::min(left, kDigestBytes)) {
    md5.add(inner, std::min(left, kDigestBytes));
  }
  // One byte for each bit of the length: a NUL for a one, the first character for a zero.
  for (std::size_t bits = password.size(); bits > 0; bits >>= 1) {
    md5.add((bits & 1) != 0 ? std::string_view("\0", 1) : password.substr(0, 1));
  }
  return md5.finish();
}

// 24 bits at a time, lowest six first.
void appendEncoded(std::string& out, unsigned value, int characters) {
  for (int i = 0; i < characters; ++i, value >>= 6) out += kAlphabet[value & 63];
}

}  // namespace

std::string apr1Hash(std::string_view password, std::string_view salt) {
  Digest digest = firstDigest(password, salt);
  Md5 md5;
  for (int round = 0; round < kRounds; ++round) {
    md5.start();
    const bool odd = (round & 1) != 0;
    odd ? md5.add(password) : md5.add(digest);
    if (round % 3 != 0) md5.add(salt);
    if (round % 7 != 0) md5.add(password);
    odd ? md5.add(digest) : md5.add(password);
    digest = md5.finish();
  }

  std::string out = std::string(kMagic) + std::string(salt) + "$";
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t last = i == 4 ? 5 : i + 12;
    appendEncoded(out, (unsigned{digest[i]} << 16) | (unsigned{digest[i + 6]} << 8) | digest[last],
                  4);
  }
  appendEncoded(out, digest[11], 2);
  OPENSSL_cleanse(digest.data(), digest.size());
  return out;
}

}  // namespace coffer::restic
