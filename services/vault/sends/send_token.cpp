// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/sends/send_token.h"

#include "services/vault/json/writer.h"

namespace coffer::vault {
namespace {

constexpr std::string_view kSendAccessPurpose = "send_access";

}  // namespace

std::string signSendToken(const TokenSigner& signer, const SendGrant& grant,
                          std::string_view origin, UnixMicros now) {
  std::string members;
  json::Writer writer(members);
  writer.field("sub", grant.sendId)
      .field("send_id", grant.sendId)
      .field("proof", grant.proof)
      .field("client_id", "send")
      .field("type", "Send")
      .rawField("scope", R"(["api.send.access"])");
  return signer.sign({kSendAccessPurpose, origin, now, kSendTokenLifetime}, members);
}

std::optional<SendGrant> readSendToken(const TokenSigner& signer, std::string_view text,
                                       UnixMicros now) {
  const auto document = signer.verify(text, kSendAccessPurpose, now);
  if (!document) return std::nullopt;
  const auto claims = document->object();
  return SendGrant{std::string(claims.string("sub").value_or("")),
                   std::string(claims.string("proof").value_or(""))};
}

}  // namespace coffer::vault
