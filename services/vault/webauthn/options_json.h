// SPDX-License-Identifier: BSD-2-Clause
//
// What a browser is asked to do: options for navigator.credentials.create() and .get(), as clients
// expect them (vault-extras 4.6 and 6). Bytes are base64url without padding; lists are never null.
#pragma once

#include "services/vault/json/writer.h"
#include "services/vault/webauthn/relying_party.h"
#include "storage/stores/user_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

// 32 random bytes.
std::string newChallenge();

// The 16 bytes of a user's UUID, by which a passkey names its account; and back, in lower case.
std::string userHandleOf(std::string_view userId);
std::optional<std::string> userIdOf(std::string_view userHandle);

enum class KeyPurpose {
  SecondFactor,  // Any authenticator, touched.
  Passkey,       // Keeps the account's handle and asks for a PIN or a finger.
};

struct CreationOptions {
  const RelyingParty& party;
  const storage::User& user;
  KeyPurpose purpose;
  std::string_view challenge;
  std::vector<std::string> known;  // Credential ids that are registered already.
};
// The members, without the braces of an object.
void writeCreationOptions(json::Writer& writer, const CreationOptions& options);

struct AssertionOptions {
  const RelyingParty& party;
  KeyPurpose purpose;
  std::string_view challenge;
  std::vector<std::string> allowed;  // Empty: whatever passkey is there.
};
void writeAssertionOptions(json::Writer& writer, const AssertionOptions& options);

}  // namespace coffer::vault
