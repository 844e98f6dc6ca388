// SPDX-License-Identifier: BSD-2-Clause
//
// One kind of second factor as a login sees it (vault-extras 4). SecondFactors (second_factors.h)
// holds one object of each kind and leads a login through them; the set-up routes of a kind are a
// table of their own.
#pragma once

#include "appliance/http/request.h"
#include "services/vault/identity/grant_steps.h"
#include "services/vault/identity/token_form.h"
#include "services/vault/json/writer.h"

#include <string>
#include <string_view>

namespace coffer::storage {
class Transaction;
}

namespace coffer::vault {

// Numbers of the protocol (vault-extras 4.1).
enum class Provider : int {
  Authenticator = 0,
  Email = 1,
  Duo = 2,
  YubiKey = 3,
  Remember = 5,
  WebAuthn = 7,
  RecoveryCode = 8,
};

// A login whose password was right.
struct FactorLogin {
  const http::Request& request;
  const TokenForm& form;
  const storage::User& user;
  const DeviceClaim& device;
};

class SecondFactor {
 public:
  virtual ~SecondFactor() = default;
  virtual Provider provider() const = 0;
  // What it needs is configured: mail, a validation server, a name instead of an IP address. A kind
  // that is not usable is neither listed nor asked for.
  virtual bool isUsable() const = 0;
  // The same, where it depends on the account. Not part of isEnabledFor(): an account with a factor
  // that cannot be checked is refused, one without any is let in.
  [[nodiscard]] virtual bool isUsableFor(storage::Transaction&, std::string_view) const {
    return isUsable();
  }
  [[nodiscard]] virtual bool isEnabledFor(storage::Transaction& tx,
                                          std::string_view userId) const = 0;
  // Writes the member's value in TwoFactorProviders2 (exact case). May write to the database (a
  // new challenge) and may call another server: never inside a transaction.
  virtual void writeChallenge(const FactorLogin& login, json::Writer& writer) const = 0;
  // Called when this kind is the only one that the login is asked for, after writeChallenge(): old
  // clients count on the code being mailed then.
  virtual void challengedAlone(const FactorLogin&) const {}
  // Whether the token is right, and nobody can use it again. May call another server. Writes the
  // log line of a wrong one itself (vault-operations 7.3); tries are limited by the caller.
  [[nodiscard]] virtual bool verify(const FactorLogin& login, std::string_view token) const = 0;
  // Verify and writeChallenge may take seconds, because another server is called: such a login is
  // moved to Lane::Outbound first.
  virtual bool callsOut() const { return false; }
  // Part of the caller's transaction.
  virtual void remove(storage::Transaction& tx, std::string_view userId) const = 0;
};

}  // namespace coffer::vault
