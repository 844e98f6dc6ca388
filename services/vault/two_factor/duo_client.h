// SPDX-License-Identifier: BSD-2-Clause
//
// The calls of Duo's Universal Prompt (vault-extras 4.8, OpenID Connect): asking whether Duo is
// well and knows the application, the address a person is sent to, and the exchange of what they
// come back with. Hosts that are none of Duo's are not called.
//
// Blocks up to ten seconds for each call: outbound lane. Threads: any.
#pragma once

#include "appliance/base/clock.h"
#include "services/vault/two_factor/duo_application.h"
#include "services/vault/two_factor/duo_token.h"

#include <stdexcept>
#include <string>

namespace coffer::outbound {
class HttpClient;
}

namespace coffer::vault {

// Duo said no, or nothing. what() is for the log.
class DuoTrouble : public std::runtime_error {
 public:
  enum class Kind { Refused, NoAnswer };
  DuoTrouble(Kind kind, const std::string& reason) : std::runtime_error(reason), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

constexpr UnixMicros kDuoLoginLifetime = 5 * kMinute;

struct DuoPrompt {
  std::string username;     // "duo_uname"
  std::string redirectUri;  // Where Duo sends the person, with code and state.
  std::string state;
  std::string nonce;  // duoNonce()
};

class DuoClient {
 public:
  DuoClient(const outbound::HttpClient& http, const DuoApplication& application, UnixMicros now)
      : http_(http), application_(application), now_(now) {}

  // Returns when Duo works and knows the application with this secret. Throws DuoTrouble.
  void checkHealth() const;
  // Calls nobody.
  std::string promptUrl(const DuoPrompt& prompt) const;
  // Exchanges the code that a person came back with. Returns when Duo says that it was `prompt`'s
  // person and login; else throws DuoTrouble.
  void redeem(const std::string& code, const DuoPrompt& prompt) const;

 private:
  std::string url(std::string_view path) const;
  std::string assertion(const std::string& audience) const;
  std::string post(const std::string& url, std::string body) const;

  const outbound::HttpClient& http_;
  const DuoApplication& application_;
  UnixMicros now_;
};

}  // namespace coffer::vault
