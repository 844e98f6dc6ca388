// SPDX-License-Identifier: BSD-2-Clause
//
// Members that the account requests of many years share: texts with a limit, EncStrings, KDF
// settings, key pairs, and what follows from a master password in its old and its new shape
// (vault-core 2.2, 2.6, 2.8). Everything here throws a BadRequest that says which member is wrong.
#pragma once

#include "services/vault/json/request_reader.h"
#include "storage/stores/user_store.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

constexpr std::size_t kMaxNameLength = 50;
constexpr std::size_t kMaxHintLength = 50;

// Unicode characters of a text in UTF-8.
std::size_t countCharacters(std::string_view text);

// Absent and null are nothing. `maxCharacters` counts Unicode characters.
std::optional<std::string> readText(const json::Object& form, std::string_view name,
                                    std::size_t maxCharacters);

// `masterPasswordHint`, trimmed; blank is nothing. Refused when `allowed` is false and there is
// one.
std::optional<std::string> readHint(const json::Object& form, bool allowed);

// A required EncString.
std::string readSealed(const json::Object& form, std::string_view name);

// A required client hash under `name`: not empty, at most kMaxPasswordHashLength bytes.
std::string readPasswordHash(const json::Object& form, std::string_view name);

// 32 hex digits in lower case, or nothing.
std::optional<std::string> readKeyId(const json::Object& form, std::string_view name);

// What a client derives from a master password and sends when it sets one.
struct Credentials {
  std::string passwordHash;
  storage::Kdf kdf;
  std::string userKey;  // EncString.
  std::optional<std::string> containedKeyId;
};

// Who sets the password, and what the box demands of it.
struct CredentialRules {
  std::string_view email;           // Must be the salt.
  std::uint32_t minimumPbkdf2 = 0;  // VaultOptions::minimumClientIterations.
  // The KDF that must stay as it is, however old; instead of the demands on a new one.
  std::optional<storage::Kdf> keptKdf;
};

// The names of the two objects of section 2.8, which differ between requests.
struct CredentialNames {
  std::string_view authentication;
  std::string_view unlock;
};
constexpr CredentialNames kRegistrationNames{"masterPasswordAuthentication",
                                             "masterPasswordUnlock"};
constexpr CredentialNames kChangeNames{"authenticationData", "unlockData"};

// Nothing when the form has neither object; refused when it has only one of them, when they differ
// in KDF or salt, or when the KDF breaks the rules.
std::optional<Credentials> readCredentials(const json::Object& form, const CredentialNames& names,
                                           const CredentialRules& rules);

// `kdf`, `kdfIterations`, `kdfMemory` and `kdfParallelism` beside each other, as old requests have
// them.
storage::Kdf readFlatKdf(const json::Object& form, std::uint32_t minimumPbkdf2);

// The shape before those two objects: `masterPasswordHash`, the members of readFlatKdf() and the
// user key under the name this request has for it.
Credentials readLooseCredentials(const json::Object& form, std::string_view keyName,
                                 std::uint32_t minimumPbkdf2);

// `publicKey` and `encryptedPrivateKey`, or `accountKeys`, which wins. Nothing when the form has
// none. Keys of the second encryption version are refused: no flag that enables them is ever sent.
std::optional<storage::AccountKeys> readKeyPair(const json::Object& form);
// The same for requests that keep the pair in an object under `name`, unless there is
// `accountKeys`.
std::optional<storage::AccountKeys> readKeysUnder(const json::Object& form, std::string_view name);

}  // namespace coffer::vault
