// SPDX-License-Identifier: BSD-2-Clause
//
// Which identities of Duo's count.
#include "services/vault/two_factor/duo_token.h"

#include "appliance/base/bytes.h"
#include "services/vault/crypto/other_digests.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <utility>

using namespace coffer;
using namespace coffer::vault;
using Json = nlohmann::json;

namespace {

constexpr std::int64_t kNow = 1'770'000'000;
const Secret kSecret("deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
const ExpectedIdentity kExpected{"DIXXXXXXXXXXXXXXXXXX",
                                 "https://api-1.duosecurity.com/oauth/v1/token", "the nonce",
                                 "alice@example.test", kNow* kSecond};

Json rightClaims() {
  return {{"iss", kExpected.issuer},
          {"aud", kExpected.clientId},
          {"exp", kNow + 3600},
          {"iat", kNow},
          {"nonce", kExpected.nonce},
          {"preferred_username", kExpected.username},
          {"auth_result", {{"result", "allow"}, {"status", "allow"}}}};
}

// Made by hand, so that the program's own signing is not its judge.
std::string token(const Json& claims, const Json& header = {{"typ", "JWT"}, {"alg", "HS512"}},
                  const std::string& key = kSecret.reveal()) {
  const auto signedPart = toBase64Url(header.dump()) + "." + toBase64Url(claims.dump());
  return signedPart + "." + toBase64Url(hmacSha512(key, signedPart));
}

std::string flawOf(const std::string& text) { return findIdentityFlaw(text, kSecret, kExpected); }

std::string flawWith(const std::string& name, const Json& value) {
  auto claims = rightClaims();
  if (value.is_discarded()) {
    claims.erase(name);
  } else {
    claims[name] = value;
  }
  return flawOf(token(claims));
}

}  // namespace

TEST_CASE("an identity that is signed and says everything is right") {
  CHECK(flawOf(token(rightClaims())).empty());
  CHECK(flawWith("auth_result", Json(Json::value_t::discarded)).empty());
  CHECK(flawWith("exp", kNow - 59).empty());  // Clocks differ.
  CHECK(flawWith("sub", "more").empty());
}

TEST_CASE("an identity that says anything else is refused") {
  const Json absent(Json::value_t::discarded);
  const std::pair<const char*, Json> changes[] = {
      {"iss", "https://api-2.duosecurity.com/oauth/v1/token"},
      {"iss", "https://api-1.duosecurity.com"},
      {"iss", ""},
      {"iss", nullptr},
      {"iss", absent},
      {"aud", "DIYYYYYYYYYYYYYYYYYY"},
      {"aud", Json::array({"DIYYYYYYYYYYYYYYYYYY"})},
      {"aud", 1},
      {"aud", absent},
      {"exp", kNow - 60},
      {"exp", 0},
      {"exp", -kNow},
      {"exp", "soon"},
      {"exp", nullptr},
      {"exp", absent},
      {"nonce", "another nonce"},
      {"nonce", ""},
      {"nonce", absent},
      {"preferred_username", "bob@example.test"},
      {"preferred_username", "Alice@example.test "},
      {"preferred_username", ""},
      {"preferred_username", absent},
      {"auth_result", {{"result", "deny"}}},
      {"auth_result", {{"result", "ALLOW"}}},
      {"auth_result", {{"result", ""}}},
      {"auth_result", Json::object()},
      {"auth_result", "allow"},
  };
  for (const auto& change : changes) {
    CAPTURE(change.first);
    CAPTURE(change.second);
    CHECK_FALSE(flawWith(change.first, change.second).empty());
  }
}

TEST_CASE("a token that is not signed by HS512 with the secret is refused") {
  const auto right = token(rightClaims());
  const auto lastDot = right.rfind('.');
  const auto unsignedPart = right.substr(0, lastDot);
  const Json typ = {{"typ", "JWT"}};
  const auto withAlg = [&](const Json& alg) {
    Json header = typ;
    header["alg"] = alg;
    return token(rightClaims(), header);
  };
  auto others = rightClaims();
  others["preferred_username"] = "bob@example.test";
  const auto otherClaims = token(others);
  auto flipped = right;
  flipped[lastDot + 1] = flipped[lastDot + 1] == 'A' ? 'B' : 'A';
  const std::string tokens[] = {
      "",
      ".",
      "..",
      "...",
      unsignedPart,
      unsignedPart + ".",
      toBase64Url(R"({"alg":"none"})") + "." + toBase64Url(rightClaims().dump()) + ".",
      withAlg("none"),
      withAlg("HS256"),
      withAlg("RS256"),
      withAlg("hs512"),
      withAlg(512),
      withAlg(nullptr),
      token(rightClaims(), typ),
      token(rightClaims(), {{"alg", "HS512"}}, "another secret"),
      token(rightClaims(), {{"alg", "HS512"}}, ""),
      flipped,
      right + "A",
      right + ".x",
      right.substr(0, right.size() - 10),
      " " + right,
      otherClaims.substr(0, otherClaims.rfind('.')) + right.substr(lastDot),
      token(Json::array({1})),
      token("text"),
      std::string(20'000, 'A') + right,
  };
  for (const auto& text : tokens) {
    CAPTURE(text);
    CHECK_FALSE(flawOf(text).empty());
  }
  CHECK_FALSE(
      findIdentityFlaw(token(rightClaims(), {{"alg", "HS512"}}, ""), Secret(), kExpected).empty());
}

TEST_CASE("what is signed can be checked by whoever has the secret") {
  const auto text = signDuoToken(kSecret, R"("sub":"me")");
  CHECK(text == token({{"sub", "me"}}, Json::parse(R"({"alg":"HS512","typ":"JWT"})")));
}

TEST_CASE("the nonce that Duo sees is bound to the device") {
  CHECK(duoNonce("nonce", "device") ==
        "d6ddf2554f485989c37ef6c97952c1f4faf56bbb4a4eb52061c1d8812f57714a");
  CHECK(duoNonce("nonce", "device") != duoNonce("nonce", "devicf"));
}
