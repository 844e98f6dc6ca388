// SPDX-License-Identifier: BSD-2-Clause
//
// What an authenticator is said to have answered: nobody has to be logged in to send one. The input
// is a registration's attestation object or a login's authenticator data behind one byte that says
// which. The challenge is right and no signature is, so that everything before it is reached.
#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "services/vault/webauthn/verifier.h"
#include "tests/fuzz/fuzz_input.h"

#include <string>

using namespace coffer;

namespace {

const vault::RelyingParty kParty{"vault.example.test", "https://vault.example.test",
                                 "https://vault.example.test",
                                 "https://vault.example.test/app-id.json"};
const std::string kChallengeHash = sha256("challenge");

std::string clientData(const char* type) {
  return std::string(R"({"type":")") + type + R"(","challenge":")" + toBase64Url("challenge") +
         R"(","origin":"https://vault.example.test"})";
}

void create(std::string_view attestationObject) {
  const auto key = vault::verifyCreation(
      {"id", clientData("webauthn.create"), std::string(attestationObject), {}},
      {kParty, kChallengeHash, false});
  fuzz::require(key.credentialId == "id" && !key.publicKey.empty());
}

void use(std::string_view authenticatorData) {
  // The base point of P-256, a key like any other.
  static const std::string publicKey = *fromHex(
      "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
  vault::verifyAssertion({"id", clientData("webauthn.get"), std::string(authenticatorData),
                          std::string(70, '0'), std::nullopt, true},
                         {publicKey, vault::kKeyAlgorithms.front(), true, false},
                         {kParty, kChallengeHash, false});
  fuzz::require(false);  // Nobody signed.
}

void readWhole(std::string_view text) {
  const auto document = vault::json::Document::parse(text);
  static_cast<void>(vault::readCreation(document.object()));
  static_cast<void>(vault::readAssertion(document.object()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::textOf(data, size);
  if (input.empty()) return 0;
  const auto rest = input.substr(1);
  try {
    switch (input.front()) {
      case 'c':
        create(rest);
        break;
      case 'u':
        use(rest);
        break;
      default:
        readWhole(input);
    }
  } catch (const BadRequest&) {
    // Refused, which is an answer.
  }
  return 0;
}
