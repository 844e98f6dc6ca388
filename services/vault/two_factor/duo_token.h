// SPDX-License-Identifier: BSD-2-Clause
//
// The tokens of Duo's Universal Prompt (vault-extras 4.8): JSON Web Tokens, compact form (RFC
// 7515), signed by HS512 with the application's secret and nothing else. Threads: any.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/base/secret.h"

#include <string>
#include <string_view>

namespace coffer::vault {

// `members` are the claims as JSON members without braces.
std::string signDuoToken(const Secret& secret, std::string_view members);

// What the identity that Duo hands out for a login must say.
struct ExpectedIdentity {
  std::string clientId;  // "aud"
  std::string issuer;    // "iss"
  std::string nonce;     // As it was sent.
  std::string username;  // "preferred_username"
  UnixMicros now = 0;    // "exp" may be up to a minute before.
};

// "" when the token is signed with the secret and says all of it, and, where it tells how the login
// went, that it was allowed. Otherwise why not, for the log.
std::string findIdentityFlaw(std::string_view token, const Secret& secret,
                             const ExpectedIdentity& expected);

// The nonce that Duo is sent: bound to the device, so that what comes back is of use on that device
// only. 64 hex digits.
std::string duoNonce(const std::string& nonce, const std::string& device);

}  // namespace coffer::vault
