// SPDX-License-Identifier: BSD-2-Clause
//
// Who is calling a vault route: read from the bearer token and checked against the database for
// every request (vault-core 3.8), so that a rotated stamp, a removed device or a disabled account
// ends a session at once.
#pragma once

#include "appliance/base/clock.h"
#include "appliance/http/route.h"

#include <string>
#include <string_view>

namespace coffer::storage {
class Database;
class Transaction;
}  // namespace coffer::storage

namespace coffer::vault {

class TokenSigner;

// Attached to the request by SessionGuard: `request.attached<Session>()`.
struct Session {
  std::string userId;            // Lower-case UUID.
  std::string email;             // Trimmed lower case; the salt of the client's KDF.
  std::string deviceIdentifier;  // As the client chose it.
  std::string securityStamp;     // The account's current one, not always the token's (see below).
};

// The text after "Bearer " in the Authorization header; "" when there is none.
std::string_view bearerToken(const http::Request& request);

// For the transactions that store what a client sealed: throws Unauthorized when the session ended
// after the guard let it in. What waited behind a key rotation is sealed with the key that is gone,
// and nobody could read it again.
void requireOngoing(storage::Transaction& tx, const Session& session);

// Lets in the holder of a valid access token of an enabled account on a known device; everybody
// else gets Unauthorized with the one text "Unauthorized.", whatever was wrong.
//
// One indexed read a request. Threads: any. References must outlive it.
class SessionGuard final : public http::Guard {
 public:
  // After a password change the web client goes on with its old token for a few calls. Routes that
  // such calls need are guarded with PreviousToo: they take the previous stamp for two minutes.
  enum class Stamp { Current, PreviousToo };

  SessionGuard(storage::Database& database, const Clock& clock, const TokenSigner& tokens,
               Stamp accepted);

  std::string_view description() const override { return "vault session"; }
  http::Admission admit(http::Request& request, http::Lane lane) const override;
  // The same for a token that stands elsewhere; "" is none.
  http::Admission admitBearer(http::Request& request, std::string_view token) const;

 private:
  storage::Database& database_;
  const Clock& clock_;
  const TokenSigner& tokens_;
  Stamp accepted_;
};

}  // namespace coffer::vault
