// SPDX-License-Identifier: BSD-2-Clause
//
// The vocabulary of items: the eight types, their members with the one spelling that is stored and
// sent, and how long each may be (vault-core 6.1, 6.3, 6.6). Lengths count characters of
// ciphertext, which grows by a third and some 65 characters over what the user typed.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace coffer::vault {

enum class MemberKind {
  Sealed,       // Ciphertext or null.
  Date,         // Or null.
  Flag,         // true, false or null.
  Number,       // A whole number or null.
  NoteType,     // A whole number; 0 when it is anything else.
  Uris,         // A list of objects or null; `login` only.
  Credentials,  // A list of passkeys or null; `login` only.
};

struct Member {
  std::string_view name;  // camelCase.
  MemberKind kind = MemberKind::Sealed;
  std::size_t maxLength = 1000;  // Of Sealed.
};

struct TypeSchema {
  int type;
  std::string_view name;  // Of the member that holds the type's data: "login".
  std::span<const Member> members;
};

inline constexpr std::size_t kCipherTypes = 8;

// All types, that of number n at index n - 1.
const std::array<TypeSchema, kCipherTypes>& cipherTypes();
[[nodiscard]] constexpr bool isCipherType(std::int64_t type) {
  return type >= 1 && type <= static_cast<std::int64_t>(kCipherTypes);
}

std::span<const Member> uriMembers();         // Of an element of login.uris.
std::span<const Member> credentialMembers();  // Of an element of login.fido2Credentials.
std::span<const Member> fieldMembers();       // Of a custom field, but for its type.

constexpr std::size_t kMaxName = 1000;
constexpr std::size_t kMaxData = 500'000;
constexpr std::size_t kMaxHistoryPassword = 5000;
constexpr std::size_t kMaxFolderName = 1000;

}  // namespace coffer::vault
