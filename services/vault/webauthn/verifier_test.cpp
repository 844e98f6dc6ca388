// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/webauthn/verifier.h"

#include "appliance/base/digest.h"
#include "appliance/base/fault.h"
#include "services/vault/webauthn/cbor_reader.h"
#include "services/vault/webauthn/testing/soft_authenticator.h"

#include <doctest/doctest.h>

#include <functional>

using namespace coffer;
using namespace coffer::vault;
using coffer::vault::testing::SoftAuthenticator;

namespace {

const RelyingParty kParty{"vault.example.test", "https://vault.example.test",
                          "https://vault.example.test", "https://vault.example.test/app-id.json"};
const std::string kChallenge = "the challenge that was handed out";

nlohmann::json options(const std::string& challenge = kChallenge) {
  return {{"challenge", toBase64Url(challenge)},
          {"user", {{"id", toBase64Url("0123456789abcdef")}}}};
}

Expectation expected(const std::string& hash, bool userVerification = false) {
  return {kParty, hash, userVerification};
}

NewKey create(const nlohmann::json& response, bool userVerification = false) {
  const std::string hash = sha256(kChallenge);
  const auto document = json::Document::parse(response.dump());
  return verifyCreation(readCreation(document.object()), expected(hash, userVerification));
}

KeyUse use(const nlohmann::json& response, const KnownKey& key, bool userVerification = false) {
  const std::string hash = sha256(kChallenge);
  const auto document = json::Document::parse(response.dump());
  return verifyAssertion(readAssertion(document.object()), key, expected(hash, userVerification));
}

KnownKey known(const NewKey& key) {
  return {key.publicKey, key.algorithm, false, key.isBackupEligible};
}

// What the refusal says in the log; "" when there was none.
std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const BadRequest& refused) {
    return refused.detail().empty() ? refused.clientText() : refused.detail();
  }
  return {};
}

// One bit of a base64url member changed.
void tamper(nlohmann::json& response, const char* member, std::size_t place) {
  auto bytes = fromBase64Url(response["response"][member].get<std::string>()).value();
  bytes.at(place) = static_cast<char>(bytes.at(place) ^ 1);
  response["response"][member] = toBase64Url(bytes);
}

}  // namespace

TEST_CASE("a key of each algorithm is registered, and what it signs is believed") {
  for (const int algorithm :
       {SoftAuthenticator::kES256, SoftAuthenticator::kEdDSA, SoftAuthenticator::kRS256}) {
    CAPTURE(algorithm);
    SoftAuthenticator authenticator(algorithm);
    authenticator.flags = 0x1D;
    authenticator.counter = 7;
    const NewKey key = create(authenticator.create(options()));
    CHECK(key.algorithm == algorithm);
    CHECK(key.publicKey == authenticator.publicKey());
    CHECK(key.credentialId == authenticator.credentialId);
    CHECK(key.signCount == 7);
    CHECK(key.aaguid == std::string(16, '\0'));
    CHECK(key.isBackupEligible);
    CHECK(key.isBackedUp);

    const KeyUse seen = use(authenticator.get(options()), known(key), true);
    CHECK(seen.signCount == 8);
    CHECK(seen.isBackupEligible);
    CHECK(seen.isBackedUp);
  }
}

TEST_CASE("both spellings of the members are read, and plain base64") {
  SoftAuthenticator authenticator;
  auto creation = authenticator.create(options());
  auto& response = creation["response"];
  response["AttestationObject"] =
      toBase64(*fromBase64Url(response["attestationObject"].get<std::string>()));
  response["clientDataJson"] = response["clientDataJSON"];
  response.erase("attestationObject");
  response.erase("clientDataJSON");
  const NewKey key = create(creation);

  auto assertion = authenticator.get(options());
  assertion["response"]["clientDataJson"] = assertion["response"]["clientDataJSON"];
  assertion["response"].erase("clientDataJSON");
  assertion["response"].erase("userHandle");
  assertion["extensions"]["appid"] = false;
  CHECK(use(assertion, known(key)).signCount == 1);
}

TEST_CASE("any attestation statement is taken for what it is worth: nothing") {
  SoftAuthenticator authenticator;
  authenticator.format = "packed";
  CHECK_NOTHROW(create(authenticator.create(options())));
}

TEST_CASE("what extensions say is signed and decides nothing") {
  SoftAuthenticator authenticator;
  authenticator.extensions = "\xA1\x6Bhmac-secret\xF5";  // {"hmac-secret": true}
  const NewKey key = create(authenticator.create(options()));
  // {"hmac-secret": 32 bytes}: what a passkey answers that is asked for its PRF.
  authenticator.extensions = "\xA1\x6Bhmac-secret\x58\x20" + std::string(32, 's');
  CHECK_NOTHROW(use(authenticator.get(options()), known(key)));
  authenticator.extensions = "\xA1\x63uvm\x81\x83\x02\x04\x02";  // {"uvm": [[2, 4, 2]]}
  CHECK_NOTHROW(use(authenticator.get(options()), known(key)));
}

TEST_CASE("a registration that is not what was asked for is refused") {
  struct Row {
    const char* reason;
    std::function<void(SoftAuthenticator&)> change;
  };
  const Row rows[] = {
      {"the origin is not allowed", [](auto& a) { a.origin = "https://evil.example.test"; }},
      {"the origin is not allowed", [](auto& a) { a.origin = "http://vault.example.test"; }},
      {"the origin is not allowed", [](auto& a) { a.origin = "https://vault.example.test:444"; }},
      {"the origin is not allowed", [](auto& a) { a.origin = "https://vault.example.test/"; }},
      {"the origin is not allowed",
       [](auto& a) { a.origin = "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; }},
      {"the key is for another host", [](auto& a) { a.party = "example.test"; }},
      {"the key is for another host", [](auto& a) { a.party = kParty.appId; }},
      {"nobody touched the key", [](auto& a) { a.flags = 0x04; }},
      {"the key did not verify its user", [](auto& a) { a.flags = 0x01; }},
      {"backed up without being eligible", [](auto& a) { a.flags = 0x15; }},
      {"the answer is to another ceremony", [](auto& a) { a.forcedType = "webauthn.get"; }},
      {"authenticator data goes on", [](auto& a) { a.flags = 0x85; }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.reason);
    SoftAuthenticator authenticator;
    row.change(authenticator);
    const auto response = authenticator.create(options());
    const auto reason = refusal([&] { create(response, true); });
    if (std::string(row.reason) == "authenticator data goes on") {
      CHECK_FALSE(reason.empty());  // Extensions are announced and missing.
    } else {
      CHECK(reason == row.reason);
    }
  }

  SoftAuthenticator authenticator;
  const auto other = authenticator.create(options("another challenge"));
  CHECK(refusal([&] { create(other); }) == "the answer is to another challenge");
  auto renamed = authenticator.create(options());
  renamed["id"] = toBase64Url("another id");
  CHECK(refusal([&] { create(renamed); }) == "the credential id is not the key's");
}

TEST_CASE("the extensions' origins are allowed, with and without a slash at the end") {
  for (const char* end : {"", "/"}) {
    SoftAuthenticator authenticator;
    authenticator.origin = std::string("chrome-extension://nngceckbapebfimnlniiiahkandclblb") + end;
    CHECK_NOTHROW(create(authenticator.create(options())));
  }
}

TEST_CASE("an assertion that is not what was asked for is refused") {
  struct Row {
    const char* reason;
    std::function<void(SoftAuthenticator&)> change;
  };
  const Row rows[] = {
      {"the origin is not allowed", [](auto& a) { a.origin = "https://evil.example.test"; }},
      {"the key is for another host", [](auto& a) { a.party = "evil.example.test"; }},
      {"the key is for another host", [](auto& a) { a.party = kParty.appId; }},
      {"nobody touched the key", [](auto& a) { a.flags = 0x0C; }},
      {"the key did not verify its user", [](auto& a) { a.flags = 0x09; }},
      {"backed up without being eligible", [](auto& a) { a.flags = 0x15; }},
      {"the key says it can no longer be copied", [](auto& a) { a.flags = 0x05; }},
      {"the answer is to another ceremony", [](auto& a) { a.forcedType = "webauthn.create"; }},
      {"the signature is wrong",
       [](auto& a) {
         SoftAuthenticator other;
         other.flags = a.flags;
         a = other;
       }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.reason);
    SoftAuthenticator authenticator;
    authenticator.flags = 0x0D;
    const NewKey key = create(authenticator.create(options()));
    row.change(authenticator);
    const auto response = authenticator.get(options());
    CHECK(refusal([&] { use(response, known(key), true); }) == row.reason);
  }

  SoftAuthenticator authenticator;
  const NewKey key = create(authenticator.create(options()));
  const auto other = authenticator.get(options("another challenge"));
  CHECK(refusal([&] { use(other, known(key)); }) == "the answer is to another challenge");
}

TEST_CASE("one changed bit anywhere breaks the signature") {
  SoftAuthenticator authenticator;
  const NewKey key = create(authenticator.create(options()));
  const auto good = authenticator.get(options());
  REQUIRE_NOTHROW(use(good, known(key)));
  auto counter = good;
  tamper(counter, "authenticatorData", 36);
  CHECK(refusal([&] { use(counter, known(key)); }) == "the signature is wrong");
  auto verified = good;
  tamper(verified, "authenticatorData", 33);
  CHECK(refusal([&] { use(verified, known(key)); }) == "the signature is wrong");
  auto signature = good;
  tamper(signature, "signature", 20);
  CHECK_FALSE(refusal([&] { use(signature, known(key)); }).empty());
  auto client = good;
  auto text = *fromBase64Url(client["response"]["clientDataJSON"].get<std::string>());
  client["response"]["clientDataJSON"] = toBase64Url(text + " ");
  CHECK(refusal([&] { use(client, known(key)); }) == "the signature is wrong");
}

TEST_CASE("a key from before WebAuthn answers for the appid, when the browser says so") {
  SoftAuthenticator authenticator;
  authenticator.party = kParty.appId;
  authenticator.flags = 0x01;
  const std::string publicKey = authenticator.publicKey();
  const KnownKey migrated{publicKey, SoftAuthenticator::kES256, true, false};
  const KnownKey ordinary{publicKey, SoftAuthenticator::kES256, false, false};
  auto response = authenticator.get(options());
  CHECK(refusal([&] { use(response, migrated); }) == "the key is for another host");
  response["extensions"]["appid"] = true;
  CHECK_NOTHROW(use(response, migrated));
  CHECK(refusal([&] { use(response, ordinary); }) == "the key is for another host");
}

TEST_CASE("an answer of the wrong shape is refused before anything looks into it") {
  SoftAuthenticator authenticator;
  const auto good = authenticator.create(options());
  const NewKey key = create(good);
  struct Row {
    const char* member;
    nlohmann::json value;
  };
  const Row rows[] = {
      {"attestationObject", ""},
      {"attestationObject", nullptr},
      {"attestationObject", 7},
      {"attestationObject", "not base64!"},
      {"attestationObject", std::string(50'000, 'A')},
      {"attestationObject", toBase64Url("\xA0")},
      {"attestationObject", toBase64Url(std::string(200, '\x81'))},
      {"attestationObject", toBase64Url("\xBF\x61"
                                        "a\xFF")},
      {"clientDataJSON", toBase64Url("not json")},
      {"clientDataJSON", toBase64Url("[]")},
      {"clientDataJSON", toBase64Url("{}")},
      {"clientDataJSON", toBase64Url(std::string(9'000, ' '))},
      {"transports", "usb"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.member);
    CAPTURE(row.value.dump());
    auto bad = good;
    bad["response"][row.member] = row.value;
    CHECK_THROWS_AS(create(bad), BadRequest);
  }
  for (const char* member : {"id", "response"}) {
    auto bad = good;
    bad.erase(member);
    CHECK_THROWS_AS(create(bad), BadRequest);
  }
  auto typed = good;
  typed["type"] = "password";
  CHECK_THROWS_AS(create(typed), BadRequest);
  auto assertion = authenticator.get(options());
  assertion["response"]["authenticatorData"] = toBase64Url(std::string(36, 'x'));
  CHECK_THROWS_AS(use(assertion, known(key)), BadRequest);
}

TEST_CASE("CBOR that lies about its size or nests without end is refused") {
  struct Row {
    std::string bytes;
    bool isWhole;
  };
  const Row rows[] = {
      {std::string("\x00", 1), true},
      {"\x18\x64", true},
      {"\x43"
       "abc",
       true},
      {"\xA1\x61"
       "a\x82\x01\x02",
       true},
      {"\xF5", true},
      {"\xFB" + std::string(8, '\x01'), true},
      {std::string(8, '\x81') + std::string("\x00", 1), true},
      {std::string(9, '\x81') + std::string("\x00", 1), false},
      {"", false},
      {"\x18", false},
      {"\x44"
       "abc",
       false},
      {"\x5B" + std::string(8, '\xFF') + "abc", false},
      {"\x9B" + std::string(8, '\xFF') + "abc", false},
      {"\xBB\x7F" + std::string(7, '\xFF') + "abc", false},
      {"\xA1\x61"
       "a",
       false},
      {"\x9F\x01\xFF", false},
      {"\x7F\x61"
       "a\xFF",
       false},
      {"\xC0\x01", false},
      {"\x1C", false},
      {std::string(30'000, '\x81'), false},
  };
  for (const auto& row : rows) {
    CAPTURE(toHex(row.bytes.substr(0, 20)));
    CborReader reader(row.bytes);
    if (row.isWhole) {
      CHECK_NOTHROW(reader.skip());
      CHECK(reader.isAtEnd());
    } else {
      CHECK_THROWS_AS(reader.skip(), BadRequest);
    }
  }
}
