// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/identity/access_token.h"

#include "services/vault/devices/device_types.h"
#include "services/vault/json/writer.h"

namespace coffer::vault {

std::string signAccessToken(const TokenSigner& signer, const AccessToken& token,
                            std::string_view origin, UnixMicros now) {
  std::string members;
  json::Writer writer(members);
  writer.field("sub", token.userId)
      .field("premium", true)
      .field("name", token.name)
      .field("email", token.email)
      .field("email_verified", token.isEmailVerified)
      .field("sstamp", token.securityStamp)
      .field("device", token.deviceIdentifier)
      .field("devicetype", deviceTypeName(token.deviceType))
      .field("client_id", token.clientId)
      .key("scope")
      .beginArray();
  for (const auto& word : token.scope) writer.value(word);
  writer.endArray().rawField("amr", R"(["Application"])");
  return signer.sign({kLoginPurpose, origin, now, kAccessTokenLifetime}, members);
}

std::optional<BearerClaims> readAccessToken(const TokenSigner& signer, std::string_view text,
                                            UnixMicros now) {
  const auto document = signer.verify(text, kLoginPurpose, now);
  if (!document) return std::nullopt;
  const auto claims = document->object();
  const auto claim = [&](std::string_view name) {
    return std::string(claims.string(name).value_or(""));
  };
  return BearerClaims{claim("sub"), claim("device"), claim("sstamp")};
}

}  // namespace coffer::vault
