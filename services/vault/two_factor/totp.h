// SPDX-License-Identifier: BSD-2-Clause
//
// Time-based one-time codes (RFC 6238) as authenticator apps make them: HMAC-SHA-1, a new code of
// six digits every thirty seconds. The arithmetic, and base32 (RFC 4648), are liboath's.
// Threads: any.
#pragma once

#include "appliance/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

constexpr std::size_t kTotpDigits = 6;

// 20 random bytes in base32: 32 upper-case letters and digits.
std::string makeTotpKey();

// The key in upper case; nothing unless it is base32 of 20 bytes.
std::optional<std::string> parseTotpKey(std::string_view text);

// The time step (seconds since 1970 over thirty) that `code` is of, when it is the current one or
// one of `drift` before or after it. Nothing when it is of none; the comparison takes the same time
// wherever they differ. `key` as parseTotpKey() returns it.
std::optional<std::int64_t> findTotpStep(std::string_view key, std::string_view code,
                                         UnixMicros now, unsigned drift);

// The code of the step that `now` is in.
std::string totpCode(std::string_view key, UnixMicros now);

std::string toBase32(std::string_view bytes);  // Upper case, as many '=' as the length asks for.

}  // namespace coffer::vault
