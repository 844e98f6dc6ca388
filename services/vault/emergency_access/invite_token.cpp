// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/emergency_access/invite_token.h"

#include "services/vault/json/writer.h"

namespace coffer::vault {

std::string signEmergencyInvite(const TokenSigner& signer, const EmergencyInvite& invite,
                                std::string_view origin, UnixMicros now, UnixMicros lifetime) {
  std::string members;
  json::Writer writer(members);
  writer.field("emer_id", invite.emergencyAccessId)
      .field("email", invite.email)
      .field("grantor_name", invite.grantorName)
      .field("grantor_email", invite.grantorEmail);
  return signer.sign({kEmergencyInvitePurpose, origin, now, lifetime}, members);
}

std::optional<EmergencyInvite> readEmergencyInvite(const TokenSigner& signer,
                                                   std::string_view token, UnixMicros now) {
  const auto document = signer.verify(token, kEmergencyInvitePurpose, now);
  if (!document) return std::nullopt;
  const auto claims = document->object();
  const auto claim = [&](std::string_view name) {
    return std::string(claims.string(name).value_or(""));
  };
  return EmergencyInvite{claim("emer_id"), claim("email"), claim("grantor_name"),
                         claim("grantor_email")};
}

}  // namespace coffer::vault
