// SPDX-License-Identifier: BSD-2-Clause
//
// An authenticator made of OpenSSL, with the browser that speaks for it: answers creation and
// assertion options as WebAuthn level 2 says, and does wrong what a test asks it to. What real
// browsers answer is tested in tests/browser.
#pragma once

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/random.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::vault::testing {

class SoftAuthenticator {
 public:
  static constexpr int kES256 = -7;
  static constexpr int kEdDSA = -8;
  static constexpr int kRS256 = -257;

  explicit SoftAuthenticator(int algorithm = kES256)
      : algorithm_(algorithm), key_(generate(algorithm), EVP_PKEY_free) {
    REQUIRE(key_);
  }

  // How it behaves. Flags: 1 touched, 4 user verified, 8 may be copied, 16 has been.
  std::string origin = "https://vault.example.test";
  std::string party = "vault.example.test";  // What it is bound to.
  std::uint8_t flags = 0x05;
  std::uint32_t counter = 0;
  std::uint32_t counterStep = 1;
  std::string extensions;  // CBOR, for what it signs.
  std::string credentialId = randomBytes(32);
  std::string userHandle;  // Learnt from the creation.
  bool showsUserHandle = true;
  std::string forcedType;  // Instead of "webauthn.create" and "webauthn.get".
  std::string format = "none";

  // `options` as the server wrote them; the answer is what a client sends as `deviceResponse`.
  nlohmann::json create(const nlohmann::json& options) {
    userHandle = fromBase64Url(options["user"]["id"].get<std::string>()).value();
    const std::string data =
        authenticatorData(static_cast<std::uint8_t>(flags | 0x40), credential());
    const std::string object = "\xA3" + cborText("fmt") + cborText(format) + cborText("attStmt") +
                               std::string("\xA0", 1) + cborText("authData") + cborBytes(data);
    return {{"id", toBase64Url(credentialId)},
            {"rawId", toBase64Url(credentialId)},
            {"type", "public-key"},
            {"extensions", nlohmann::json::object()},
            {"response",
             {{"attestationObject", toBase64Url(object)},
              {"clientDataJSON", toBase64Url(clientData("webauthn.create", options))},
              {"transports", {"usb"}}}}};
  }

  nlohmann::json get(const nlohmann::json& options) {
    counter += counterStep;
    const std::string data = authenticatorData(flags, {});
    const std::string client = clientData("webauthn.get", options);
    nlohmann::json response = {{"authenticatorData", toBase64Url(data)},
                               {"clientDataJSON", toBase64Url(client)},
                               {"signature", toBase64Url(sign(data + sha256(client)))}};
    if (showsUserHandle) response["userHandle"] = toBase64Url(userHandle);
    return {{"id", toBase64Url(credentialId)},
            {"rawId", toBase64Url(credentialId)},
            {"type", "public-key"},
            {"extensions", nlohmann::json::object()},
            {"response", std::move(response)}};
  }

  // x and y, or the modulus and its exponent, or the point.
  std::string publicKey() const {
    if (algorithm_ == kES256) return number("qx", 32) + number("qy", 32);
    if (algorithm_ == kRS256) return number("n", 256) + std::string("\x01\x00\x01", 3);
    std::string bytes(32, '\0');
    std::size_t size = bytes.size();
    REQUIRE(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                        &size));
    return bytes;
  }

 private:
  static EVP_PKEY* generate(int algorithm) {
    if (algorithm == kES256) return EVP_EC_gen("P-256");
    if (algorithm == kEdDSA) return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    return EVP_RSA_gen(2048);
  }

  std::string number(const char* name, std::size_t size) const {
    BIGNUM* value = nullptr;
    REQUIRE(EVP_PKEY_get_bn_param(key_.get(), name, &value));
    std::string bytes(size, '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(size));
    BN_free(value);
    return bytes;
  }

  static std::string bigEndian(std::uint32_t value, int size) {
    std::string bytes;
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      bytes += static_cast<char>(value >> shift & 0xFF);
    }
    return bytes;
  }

  static std::string cborText(std::string_view text) {
    return static_cast<char>(0x60 | text.size()) + std::string(text);
  }
  static std::string cborBytes(std::string_view bytes) {
    return "\x59" + bigEndian(static_cast<std::uint32_t>(bytes.size()), 2) + std::string(bytes);
  }

  // RFC 9053 section 7.
  std::string coseKey() const {
    const std::string key = publicKey();
    if (algorithm_ == kES256) {
      return "\xA5\x01\x02\x03\x26\x20\x01\x21" + cborBytes(key.substr(0, 32)) + "\x22" +
             cborBytes(key.substr(32));
    }
    if (algorithm_ == kEdDSA) return "\xA4\x01\x01\x03\x27\x20\x06\x21" + cborBytes(key);
    return std::string("\xA4\x01\x03\x03\x39\x01\x00\x20", 8) + cborBytes(key.substr(0, 256)) +
           "\x21" + cborBytes(key.substr(256));
  }

  std::string credential() const {
    return std::string(16, '\0') + bigEndian(static_cast<std::uint32_t>(credentialId.size()), 2) +
           credentialId + coseKey();
  }

  std::string authenticatorData(std::uint8_t shown, const std::string& attested) const {
    if (!extensions.empty()) shown = static_cast<std::uint8_t>(shown | 0x80);
    return sha256(party) + static_cast<char>(shown) + bigEndian(counter, 4) + attested + extensions;
  }

  std::string clientData(const std::string& type, const nlohmann::json& options) const {
    return nlohmann::json{{"type", forcedType.empty() ? type : forcedType},
                          {"challenge", options["challenge"]},
                          {"origin", origin},
                          {"crossOrigin", false}}
        .dump();
  }

  std::string sign(const std::string& message) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
    const EVP_MD* digest = algorithm_ == kEdDSA ? nullptr : EVP_sha256();
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()));
    const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
    std::size_t size = 0;
    REQUIRE(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()));
    std::string signature(size, '\0');
    REQUIRE(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           bytes, message.size()));
    signature.resize(size);
    return signature;
  }

  int algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace coffer::vault::testing
