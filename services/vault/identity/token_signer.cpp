// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/token_signer.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"
#include "services/vault/json/writer.h"

#include <cstddef>
#include <utility>

namespace coffer::vault {
namespace {

constexpr UnixMicros kLeeway = 30 * kSecond;
constexpr std::size_t kMaxTokenBytes = 16 * KiB;

// {"alg":"RS256","typ":"JWT"}
std::string headerPart() { return toBase64Url(R"({"alg":"RS256","typ":"JWT"})"); }

std::optional<json::Document> decodePart(std::string_view part) {
  const auto text = fromBase64Url(part);
  if (!text) return std::nullopt;
  try {
    return json::Document::parse(*text);
  } catch (const BadRequest&) {
    return std::nullopt;
  }
}

bool isForPurpose(std::string_view issuer, std::string_view purpose) {
  const auto bar = issuer.rfind('|');
  return bar != std::string_view::npos && issuer.substr(bar + 1) == purpose;
}

bool areClaimsGood(const json::Object& claims, std::string_view purpose, UnixMicros now) {
  const auto expires = claims.integer("exp");
  const auto notBefore = claims.integer("nbf");
  const UnixMicros seconds = now / kSecond;
  constexpr UnixMicros leeway = kLeeway / kSecond;
  return expires && notBefore && *expires > seconds - leeway && *notBefore <= seconds + leeway &&
         isForPurpose(claims.string("iss").value_or(""), purpose);
}

}  // namespace

// No token begins like what is signed here, so that none can be had that tells the secret.
TokenSigner::TokenSigner(RsaKey key)
    : key_(std::move(key)), decoyKey_(sha256(key_.sign("the key of decoys"))) {}

std::string TokenSigner::sign(const TokenFrame& frame, std::string_view members) const {
  std::string claims;
  json::Writer writer(claims);
  writer.beginObject()
      .field("nbf", frame.issuedAt / kSecond)
      .field("exp", (frame.issuedAt + frame.lifetime) / kSecond)
      .field("iss", std::string(frame.origin) + "|" + std::string(frame.purpose))
      .rawMembers(members)
      .endObject();
  const std::string signedPart = headerPart() + "." + toBase64Url(claims);
  return signedPart + "." + toBase64Url(key_.sign(signedPart));
}

std::optional<json::Document> TokenSigner::verify(std::string_view token, std::string_view purpose,
                                                  UnixMicros now) const {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const auto firstDot = token.find('.');
  const auto lastDot = token.rfind('.');
  if (firstDot == std::string_view::npos || firstDot == lastDot) return std::nullopt;

  const auto header = decodePart(token.substr(0, firstDot));
  const auto signature = fromBase64Url(token.substr(lastDot + 1));
  try {
    if (!header || header->object().string("alg") != "RS256" || !signature ||
        !key_.verify(token.substr(0, lastDot), *signature)) {
      return std::nullopt;
    }
    auto claims = decodePart(token.substr(firstDot + 1, lastDot - firstDot - 1));
    if (!claims || !areClaimsGood(claims->object(), purpose, now)) return std::nullopt;
    return claims;
  } catch (const BadRequest&) {  // A member of another kind than it should be.
    return std::nullopt;
  }
}

}  // namespace coffer::vault
