// SPDX-License-Identifier: BSD-2-Clause
//
// Signed tokens: JSON Web Signature, compact form (RFC 7515), RS256 and nothing else. The issuer is
// "{origin}|{purpose}" (vault-core 3.8); the purpose keeps one kind of token from being taken for
// another. The origin tells clients their environments apart and is not compared, since one box is
// reached by several names.
//
// Threads: const operations from any.
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/crypto/rsa_key.h"
#include "services/vault/json/request_reader.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::vault {

// Purposes: the part of the issuer after the bar.
constexpr std::string_view kLoginPurpose = "login";
constexpr std::string_view kRegistrationPurpose = "register_verify";

struct TokenFrame {
  std::string_view purpose;
  std::string_view origin;
  UnixMicros issuedAt;
  UnixMicros lifetime;
};

class TokenSigner {
 public:
  explicit TokenSigner(RsaKey key);

  // `members` are further claims as JSON members without braces ("\"sub\":\"…\"").
  std::string sign(const TokenFrame& frame, std::string_view members) const;

  // The claims, when the signature is ours, the algorithm RS256, the purpose right and `now`
  // between nbf and exp with thirty seconds of tolerance. Whatever is wrong, the answer is nothing.
  std::optional<json::Document> verify(std::string_view token, std::string_view purpose,
                                       UnixMicros now) const;

  // 32 secret bytes that stay the same as long as the signing key does: for answers about what
  // does not exist, which must not change from one question to the next.
  const std::string& decoyKey() const { return decoyKey_; }

 private:
  RsaKey key_;
  std::string decoyKey_;
};

// The key in <folder>/rsa_key.pem. Makes folder and key when there is none yet: the file is 0600
// and on the disk when this returns. Throws UsageError when the file is there and no such key.
TokenSigner openTokenSigner(const std::string& folder);

}  // namespace coffer::vault
