// SPDX-License-Identifier: BSD-2-Clause
//
// Bytes as text: hexadecimal and base64 (RFC 4648), both strict, and sizes such as "10 GiB".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer {

std::string toHex(std::string_view bytes);  // Lower case.
std::optional<std::string> fromHex(std::string_view text);

std::string toBase64(std::string_view bytes);     // Standard alphabet, padded.
std::string toBase64Url(std::string_view bytes);  // URL alphabet, not padded.

// Nothing for any character outside the alphabet, wrong length or misplaced padding. Bits left over
// in the last character are tolerated, as the clients' own decoders do.
std::optional<std::string> fromBase64(std::string_view text);
std::optional<std::string> fromBase64Url(std::string_view text);  // Padded or not.
[[nodiscard]] bool isBase64(std::string_view text);  // As fromBase64, allocates nothing.

constexpr std::uint64_t KiB = 1024;
constexpr std::uint64_t MiB = 1024 * KiB;
constexpr std::uint64_t GiB = 1024 * MiB;

// "0", "1500", "64K", "64 KiB", "1.5GiB", "2TB" (decimal) → bytes. Nothing if it is not a size.
std::optional<std::uint64_t> parseByteSize(std::string_view text);
std::string formatByteSize(std::uint64_t bytes);  // "1.50 GiB".

// Strict decimal digits only, nothing around them, no overflow.
std::optional<std::uint64_t> parseUnsigned(std::string_view digits);

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool isUtf8(std::string_view text);

// ASCII only, whatever the locale.
std::string toLowerAscii(std::string_view text);
[[nodiscard]] bool equalsIgnoringCase(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);  // Spaces and tabs, CR and LF.

}  // namespace coffer
