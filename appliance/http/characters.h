// SPDX-License-Identifier: BSD-2-Clause
//
// Classes of characters in an HTTP message (RFC 9110 section 5.6), as one table look-up each.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace coffer::http {

enum CharacterClass : std::uint8_t {
  kTokenChar = 1,   // Method and field names.
  kTargetChar = 2,  // Visible ASCII without '#': a target has no fragment.
  kValueChar = 4,   // Field values: visible ASCII, space and tab.
  kHostChar = 8,    // Host: visible ASCII without what can end or quote an authority.
};

constexpr std::array<std::uint8_t, 256> makeCharacterTable() {
  std::array<std::uint8_t, 256> table{};
  constexpr std::string_view kSeparators = "\"(),/:;<=>?@[\\]{}";
  constexpr std::string_view kNotInHost = "\"<>\\^`{|}?#@";
  for (unsigned c = 0x21; c < 0x7f; ++c) {
    const char ch = static_cast<char>(c);
    unsigned classes = kValueChar;
    if (ch != '#') classes |= kTargetChar;
    if (kSeparators.find(ch) == std::string_view::npos) classes |= kTokenChar;
    if (kNotInHost.find(ch) == std::string_view::npos) classes |= kHostChar;
    table[c] = static_cast<std::uint8_t>(classes);
  }
  table[' '] = kValueChar;
  table['\t'] = kValueChar;
  return table;
}

inline constexpr auto kCharacterTable = makeCharacterTable();

constexpr bool isOf(char c, CharacterClass wanted) {
  return (kCharacterTable[static_cast<unsigned char>(c)] & wanted) != 0;
}

// True when every character is of the class; true for "".
constexpr bool allOf(std::string_view text, CharacterClass wanted) {
  for (const char c : text) {
    if (!isOf(c, wanted)) return false;
  }
  return true;
}

constexpr bool isToken(std::string_view text) { return !text.empty() && allOf(text, kTokenChar); }

}  // namespace coffer::http
