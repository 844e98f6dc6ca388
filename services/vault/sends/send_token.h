// SPDX-License-Identifier: BSD-2-Clause
//
// The token that whoever proved to be allowed to read a Send shows when reading it
// (vault-extras 2.9 B and C). It opens that one Send and nothing else: login tokens are signed for
// another purpose, and neither is taken for the other.
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/identity/token_signer.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

constexpr UnixMicros kSendTokenLifetime = 5 * kMinute;

struct SendGrant {
  std::string sendId;
  // What the Send asked for when the token was made (sendProof()): a token from before its owner
  // changed that opens it no longer.
  std::string proof;
};

std::string signSendToken(const TokenSigner& signer, const SendGrant& grant,
                          std::string_view origin, UnixMicros now);

// Nothing for anything but a Send token of ours that is valid now.
std::optional<SendGrant> readSendToken(const TokenSigner& signer, std::string_view text,
                                       UnixMicros now);

}  // namespace coffer::vault
