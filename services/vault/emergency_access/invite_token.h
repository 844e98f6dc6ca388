// SPDX-License-Identifier: BSD-2-Clause
//
// The token in the mail that invites somebody to be an emergency contact (vault-extras 0.4, 3.5).
// Whoever shows it may register although sign-up is closed, and accept the invitation.
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/identity/token_signer.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

constexpr std::string_view kEmergencyInvitePurpose = "emergencyaccessinvite";

struct EmergencyInvite {
  std::string emergencyAccessId;
  std::string email;  // The address that was invited; lower case.
  std::string grantorName;
  std::string grantorEmail;
};

std::string signEmergencyInvite(const TokenSigner& signer, const EmergencyInvite& invite,
                                std::string_view origin, UnixMicros now, UnixMicros lifetime);

// Nothing for anything but a token of ours that is valid now.
std::optional<EmergencyInvite> readEmergencyInvite(const TokenSigner& signer,
                                                   std::string_view token, UnixMicros now);

}  // namespace coffer::vault
