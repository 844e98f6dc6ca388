// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/two_factor/duo_token.h"

#include "appliance/base/bytes.h"
#include "services/vault/crypto/other_digests.h"
#include "services/vault/json/request_reader.h"
#include "services/vault/json/writer.h"

namespace coffer::vault {
namespace {

constexpr std::int64_t kLeewaySeconds = 60;
constexpr std::size_t kMaxTokenBytes = 16 * KiB;

json::Document decodePart(std::string_view part) {
  const auto text = fromBase64Url(part);
  if (!text) throw BadRequest("a part of the token is not base64");
  return json::Document::parse(*text);
}

std::string findClaimsFlaw(const json::Object& claims, const ExpectedIdentity& expected) {
  const auto is = [&](std::string_view name, std::string_view wanted) {
    return equalsInConstantTime(claims.string(name).value_or(""), wanted);
  };
  if (!is("iss", expected.issuer)) return "the token is of another issuer";
  if (!is("aud", expected.clientId)) return "the token is for another application";
  const auto expires = claims.integer("exp");
  if (!expires || *expires <= expected.now / kSecond - kLeewaySeconds) {
    return "the token has expired";
  }
  if (!is("nonce", expected.nonce)) return "the token is for another login";
  if (!is("preferred_username", expected.username)) return "the token is for somebody else";
  const auto result = claims.object("auth_result");
  if (result && result->string("result") != "allow") return "the login was not allowed";
  return {};
}

std::string findFlaw(std::string_view token, const Secret& secret,
                     const ExpectedIdentity& expected) {
  if (token.size() > kMaxTokenBytes) return "the token is too long";
  const auto firstDot = token.find('.');
  const auto lastDot = token.rfind('.');
  if (firstDot == std::string_view::npos || firstDot == lastDot) return "the token has no parts";
  // Before the signature: it says how to check it, and there is one way only.
  if (decodePart(token.substr(0, firstDot)).object().string("alg") != "HS512") {
    return "the token is signed in another way";
  }
  const auto signature = fromBase64Url(token.substr(lastDot + 1));
  const auto expectedSignature = hmacSha512(secret.reveal(), token.substr(0, lastDot));
  if (!signature || !equalsInConstantTime(*signature, expectedSignature)) {
    return "the token's signature is wrong";
  }
  const auto claims = decodePart(token.substr(firstDot + 1, lastDot - firstDot - 1));
  return findClaimsFlaw(claims.object(), expected);
}

}  // namespace

std::string signDuoToken(const Secret& secret, std::string_view members) {
  std::string claims;
  json::Writer(claims).beginObject().rawMembers(members).endObject();
  const std::string signedPart =
      toBase64Url(R"({"alg":"HS512","typ":"JWT"})") + "." + toBase64Url(claims);
  return signedPart + "." + toBase64Url(hmacSha512(secret.reveal(), signedPart));
}

std::string findIdentityFlaw(std::string_view token, const Secret& secret,
                             const ExpectedIdentity& expected) {
  if (secret.empty()) return "there is no secret";
  try {
    return findFlaw(token, secret, expected);
  } catch (const BadRequest&) {  // Not JSON, or a member of another kind than it should be.
    return "the token cannot be read";
  }
}

std::string duoNonce(const std::string& nonce, const std::string& device) {
  return toHex(sha512Of256(nonce + device));
}

}  // namespace coffer::vault
