// SPDX-License-Identifier: BSD-2-Clause
//
// Codes of YubiKeys, and asking a validation server about one (vault-extras 4.7; Yubico's
// validation protocol 2.0). Request and answer are signed with a key that both sides know; an
// answer that is not signed, or that is one to another question, is none.
#pragma once

#include "services/vault/vault_options.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::outbound {
class HttpClient;
}

namespace coffer::vault {

constexpr std::size_t kYubiKeyIdLength = 12;

// What a key types, in lower case: modhex, the key's own id first and 32 characters of the code
// last. Nothing for anything else, and for keys whose id is too short to tell them apart.
std::optional<std::string> parseYubiKeyOtp(std::string_view text);
// The id of a key in lower case.
std::optional<std::string> parseYubiKeyId(std::string_view text);
inline std::string yubiKeyId(const std::string& otp) { return otp.substr(0, kYubiKeyIdLength); }

enum class OtpVerdict {
  Right,  // And the server will not say so again.
  Wrong,
  NoAnswer,  // None, or none that can be trusted.
};

struct OtpCheck {
  OtpVerdict verdict = OtpVerdict::NoAnswer;
  std::string reason;  // For the log; "" when right.
};

// Blocks up to ten seconds: outbound lane. Throws nothing but what memory and randomness do.
OtpCheck validateYubiKeyOtp(const outbound::HttpClient& http, const YubicoOptions& options,
                            const std::string& otp);

// The parts of it, for tests. `key` is the secret as bytes.
using ValidationFields = std::map<std::string, std::string, std::less<>>;
struct ValidationQuery {
  std::string clientId;
  std::string otp;
  std::string nonce;
};
std::string validationSignature(std::string_view key, const ValidationFields& fields);  // Base64.
std::string validationUrl(const std::string& server, std::string_view key,
                          const ValidationQuery& query);
OtpCheck readValidation(std::string_view body, std::string_view key, const ValidationQuery& query);

}  // namespace coffer::vault
