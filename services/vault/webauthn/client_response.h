// SPDX-License-Identifier: BSD-2-Clause
//
// What a browser hands back from an authenticator, as clients send it in `deviceResponse` and in
// the second factor's token (vault-extras 4.6 and 6): parsed and bounded, not yet believed.
//
// Errors: BadRequest.
#pragma once

#include "services/vault/json/request_reader.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::vault {

constexpr std::size_t kMaxCredentialId = 1023;  // Bytes; WebAuthn level 2, section 6.5.1.

// navigator.credentials.create(). Everything is raw bytes.
struct CreationResponse {
  std::string credentialId;
  std::string clientData;  // JSON, exactly as the browser wrote it: its hash is signed.
  std::string attestationObject;
  std::vector<std::string> transports;  // "usb", "internal" …
};

// navigator.credentials.get().
struct AssertionResponse {
  std::string credentialId;
  std::string clientData;
  std::string authenticatorData;
  std::string signature;
  std::optional<std::string> userHandle;  // user.id of the creation; passkeys have it.
  bool usedAppId = false;                 // The key is bound to the appid, not to the host name.
};

// ["usb"]
std::string transportsJson(const std::vector<std::string>& transports);

CreationResponse readCreation(const json::Object& form);
AssertionResponse readAssertion(const json::Object& form);

// The browser's own statement of what was asked for, and where.
struct ClientData {
  std::string type;
  std::string challenge;  // Raw bytes.
  std::string origin;
};

ClientData parseClientData(std::string_view json);

}  // namespace coffer::vault
