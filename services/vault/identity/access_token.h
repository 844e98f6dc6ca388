// SPDX-License-Identifier: BSD-2-Clause
//
// The access token: what a client shows with every call, and what it reads about its account before
// the first sync (vault-core 3.8).
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/identity/token_signer.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

constexpr UnixMicros kAccessTokenLifetime = 2 * kHour;

struct AccessToken {
  std::string userId;
  std::string email;
  bool isEmailVerified = true;
  std::optional<std::string> name;
  std::string securityStamp;
  std::string deviceIdentifier;
  int deviceType = 0;
  std::string clientId;  // "cli", "web", "user.<id>"; old clients send it again to refresh.
  std::vector<std::string> scope;
};

std::string signAccessToken(const TokenSigner& signer, const AccessToken& token,
                            std::string_view origin, UnixMicros now);

// The claims that decide whether the bearer may enter.
struct BearerClaims {
  std::string userId;
  std::string deviceIdentifier;
  std::string securityStamp;
};

// Nothing for anything but an access token of ours that is valid now.
std::optional<BearerClaims> readAccessToken(const TokenSigner& signer, std::string_view text,
                                            UnixMicros now);

}  // namespace coffer::vault
